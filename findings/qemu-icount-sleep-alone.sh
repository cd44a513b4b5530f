#!/usr/bin/env bash
# QEMU takes `-icount sleep=off` without `shift` and then counts nothing: no error, no warning, and the guest's time is the
# host's. A run that was to be the same each time is not. `-icount align=off` without `shift` is an error.
#
# What is done: QEMU starts without a machine and ends at once, with `-accel tcg,thread=multi`, which it refuses with
# "No MTTCG when icount is enabled" as soon as it counts instructions. So the refusal tells whether it does.
#
# Version: qemu-system-x86 1:7.2+dfsg-7+deb12u18+b3 (Debian 12, amd64).
# Seen on 2026-11-30: shift=0            counts
#                     shift=0,sleep=off  counts
#                     sleep=off          does not count
#                     align=off          refused
# Guess before: sleep=off alone either counts with a default shift or is refused, as align=off alone is.
#
# Exit status: 0 if QEMU does what it did, 1 if something has changed, 2 if the packages cannot be had.
set -euo pipefail

version=1:7.2+dfsg-7+deb12u18+b3
expected="shift=0: counts
shift=0,sleep=off: counts
sleep=off: does not count
align=off: refused"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial"
# Downloads QEMU, and those of its libraries that are not installed here. Installs nothing.
if ! apt-get install --yes --no-install-recommends --reinstall --download-only -o "Dir::Cache::archives=$work/debs" \
        "qemu-system-x86=$version" > "$work/apt.log" 2>&1; then
    echo "cannot download qemu-system-x86=$version: $(tail -n 1 "$work/apt.log")" >&2
    exit 2
fi
for package in "$work"/debs/*.deb; do
    dpkg -x "$package" "$work/root"
done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu

# Says what QEMU makes of an -icount.
judge() {
    local said
    said=$(echo quit | timeout 20 "$work/root/usr/bin/qemu-system-x86_64" -M none -nodefaults -display none \
        -accel tcg,thread=multi -icount "$1" -monitor stdio 2>&1) || true
    case $said in
        *"No MTTCG when icount is enabled"*) echo "$1: counts" ;;
        *"specify shift option"*) echo "$1: refused" ;;
        *"QEMU 7.2"*monitor*) echo "$1: does not count" ;;
        *) echo "$1: $said" ;;
    esac
}

seen=$(for option in shift=0 shift=0,sleep=off sleep=off align=off; do judge "$option"; done)
echo "$seen"
if [ "$seen" != "$expected" ]; then
    echo "changed: expected" >&2
    echo "$expected" >&2
    exit 1
fi
