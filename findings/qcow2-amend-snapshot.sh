#!/usr/bin/env bash
# `qemu-img amend -o compat=v2` changes what a snapshot holds. Version 2 of qcow2 has no mark for a cluster of zeros, so that
# amend writes the zeros out. A cluster that was written with zeros still names its old room, which a snapshot may share:
# amend writes them there. The snapshot reads as zeros afterwards, the exit code is 0, and only a check tells of an error.
# Who takes images to version 2 for older hosts loses data so.
#
# What is done: an image of 1 MiB gets 64 KiB of the byte 7, a snapshot, and zeros over the same 64 KiB. The snapshot's first
# byte is read before and after the image becomes one of version 2, then the image is checked.
#
# Version: qemu-utils 1:7.2+dfsg-7+deb12u18+b3 (Debian 12, amd64).
# Seen on 2026-11-30: snapshot before: 07
#                     amend: exit code 0
#                     snapshot after: 00
#                     check: exit code 2
# Guess before: the zeros get room of their own, as any other write after a snapshot does.
#
# Exit status: 0 if qemu-img does what it did, 1 if something has changed, 2 if the packages cannot be had.
set -euo pipefail

version=1:7.2+dfsg-7+deb12u18+b3
expected="snapshot before: 07
amend: exit code 0
snapshot after: 00
check: exit code 2"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial"
# Downloads qemu-img, and those of its libraries that are not installed here. Installs nothing.
if ! apt-get install --yes --no-install-recommends --reinstall --download-only -o "Dir::Cache::archives=$work/debs" \
        "qemu-utils=$version" > "$work/apt.log" 2>&1; then
    echo "cannot download qemu-utils=$version: $(tail -n 1 "$work/apt.log")" >&2
    exit 2
fi
for package in "$work"/debs/*.deb; do
    dpkg -x "$package" "$work/root"
done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
cd "$work"
bin=$work/root/usr/bin

# The first byte of the snapshot, in hexadecimal.
first_byte() {
    "$bin/qemu-img" convert -f qcow2 -O raw -l snapshot.name=before image snapshot.raw
    head -c 1 snapshot.raw | od -An -tx1 | tr -d ' '
}

# A command's exit code; what it prints is of no interest.
exit_code() {
    local code=0
    "$@" > /dev/null 2>&1 || code=$?
    echo "exit code $code"
}

"$bin/qemu-img" create -q -f qcow2 image 1M
"$bin/qemu-io" -c 'write -q -P 7 0 64k' image
"$bin/qemu-img" snapshot -c before image
"$bin/qemu-io" -c 'write -q -z 0 64k' image

seen=$(echo "snapshot before: $(first_byte)"
    echo "amend: $(exit_code "$bin/qemu-img" amend -f qcow2 -o compat=v2 image)"
    echo "snapshot after: $(first_byte)"
    echo "check: $(exit_code "$bin/qemu-img" check image)")
echo "$seen"
if [ "$seen" != "$expected" ]; then
    echo "changed: expected" >&2
    echo "$expected" >&2
    exit 1
fi
