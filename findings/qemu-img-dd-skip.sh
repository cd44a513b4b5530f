#!/usr/bin/env bash
# `qemu-img dd` takes the blocks that skip= leaves out off count=: of an image of five blocks, skip=1 count=4 copies three,
# and skip=2 count=2 none at all, with exit code 0. dd(1) copies four and two. A script that cuts parts out of an image
# loses the end of each part without a word.
#
# What is done: an image of five blocks of 64 KiB, each of one byte's value, is cut by both programs; the sizes of what comes
# out are printed in blocks.
#
# Version: qemu-utils 1:7.2+dfsg-7+deb12u18+b3 (Debian 12, amd64).
# Seen on 2026-11-30: skip=0 count=4: qemu-img 4, dd 4
#                     skip=1 count=4: qemu-img 3, dd 4
#                     skip=2 count=2: qemu-img 0, dd 2
#                     skip=1: qemu-img 4, dd 4
# Guess before: count= tells how many blocks are copied, whatever is skipped, as in dd and in the manual page.
#
# Exit status: 0 if qemu-img does what it did, 1 if something has changed, 2 if the packages cannot be had.
set -euo pipefail

version=1:7.2+dfsg-7+deb12u18+b3
expected="skip=0 count=4: qemu-img 4, dd 4
skip=1 count=4: qemu-img 3, dd 4
skip=2 count=2: qemu-img 0, dd 2
skip=1: qemu-img 4, dd 4"

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

for byte in 1 2 3 4 5; do
    head -c 65536 /dev/zero | tr '\0' "\\00$byte"
done > image

# Cuts the image with both programs.
cut_out() {
    root/usr/bin/qemu-img dd -f raw -O raw bs=65536 "$@" if=image of=theirs > /dev/null
    dd bs=65536 "$@" if=image of=ours status=none
    echo "$*: qemu-img $(($(stat -c %s theirs) / 65536)), dd $(($(stat -c %s ours) / 65536))"
    rm theirs ours
}

seen=$(cut_out skip=0 count=4; cut_out skip=1 count=4; cut_out skip=2 count=2; cut_out skip=1)
echo "$seen"
if [ "$seen" != "$expected" ]; then
    echo "changed: expected" >&2
    echo "$expected" >&2
    exit 1
fi
