#!/usr/bin/env bash
# A qcow2 image finds its backing file from the folder that the image lies in, but its external data file from the folder in
# which the program runs. An image with a data file of a relative name opens in one folder only; `qemu-img info` shows the
# image in any, because it does not open the data file.
#
# What is done: two images in a folder, one with a backing file beside it, one with a data file beside it, both named
# without a folder; each is read from the images' folder and from another one.
#
# Version: qemu-utils 1:7.2+dfsg-7+deb12u18+b3 (Debian 12, amd64).
# Seen on 2026-11-30: backing file, in the folder: reads
#                     backing file, elsewhere: reads
#                     data file, in the folder: reads
#                     data file, elsewhere: Could not open 'data.raw': No such file or directory
#                     data file, elsewhere, info: 0
# Guess before: both names are relative to the image, since both are stored in it.
#
# Exit status: 0 if QEMU does what it did, 1 if something has changed, 2 if the packages cannot be had.
set -euo pipefail

version=1:7.2+dfsg-7+deb12u18+b3
expected="backing file, in the folder: reads
backing file, elsewhere: reads
data file, in the folder: reads
data file, elsewhere: Could not open 'data.raw': No such file or directory
data file, elsewhere, info: 0"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial" "$work/images"
# Downloads qemu-img and qemu-io, and those of their libraries that are not installed here. Installs nothing.
if ! apt-get install --yes --no-install-recommends --reinstall --download-only -o "Dir::Cache::archives=$work/debs" \
        "qemu-utils=$version" > "$work/apt.log" 2>&1; then
    echo "cannot download qemu-utils=$version: $(tail -n 1 "$work/apt.log")" >&2
    exit 2
fi
for package in "$work"/debs/*.deb; do
    dpkg -x "$package" "$work/root"
done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
bin=$work/root/usr/bin

cd "$work/images"
truncate -s 1M base.raw
"$bin/qemu-img" create -q -f qcow2 -b base.raw -F raw backed.qcow2
"$bin/qemu-img" create -q -f qcow2 -o data_file=data.raw apart.qcow2 1M

# Reads the beginning of a disk.
look() {
    local said
    said=$("$bin/qemu-io" -r -c "read 0 4k" "$1" 2>&1) || true
    case $said in
        "read 4096/4096"*) echo reads ;;
        *) echo "${said##*: Could not}" | sed 's/^ open/Could not open/' ;;
    esac
}

seen=$(
    echo "backing file, in the folder: $(look backed.qcow2)"
    echo "backing file, elsewhere: $(cd "$work" && look images/backed.qcow2)"
    echo "data file, in the folder: $(look apart.qcow2)"
    echo "data file, elsewhere: $(cd "$work" && look images/apart.qcow2)"
    cd "$work"
    code=0
    "$bin/qemu-img" info images/apart.qcow2 > /dev/null || code=$?
    echo "data file, elsewhere, info: $code")
echo "$seen"
if [ "$seen" != "$expected" ]; then
    echo "changed: expected" >&2
    echo "$expected" >&2
    exit 1
fi
