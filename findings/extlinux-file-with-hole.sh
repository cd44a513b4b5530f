#!/usr/bin/env bash
# extlinux cannot load a file that has a hole between two extents of ext4: "failed: I/O error", though the disk has no error. And
# `mke2fs -d`, which fills a new file system from a folder, leaves blocks of zeros out of every file, so that Debian's own
# memtest86+ does not start from a disk made so. The same file, written by cp or cat, starts.
#
# What is done: a file system is made with memtest86+ in it, extlinux is installed, and QEMU boots the disk; then the file is
# written anew in the mounted file system, and the disk boots once more. What appears on the serial port is printed.
#
# Versions: extlinux 3:6.04~git20190206.bf6db5b4+dfsg1-3+b1, syslinux-common 3:6.04~git20190206.bf6db5b4+dfsg1-3,
#           memtest86+ 6.10-4, e2fsprogs 1.47.0-2+b2 (Debian 12, amd64); QEMU 1:7.2+dfsg-7+deb12u18+b3 with SeaBIOS 1.16.2-1
#           only runs the disk.
# Seen on 2026-12-01: by mke2fs, with a hole: failed: I/O error
#                     written anew: Memtest86+
# Guess before: holes read as zeros, as in each file system driver.
#
# Needs root, for a loop mount. Exit status: 0 if extlinux does what it did, 1 if something has changed, 2 if the packages cannot
# be had or nothing can be mounted.
set -euo pipefail

qemu=1:7.2+dfsg-7+deb12u18+b3
syslinux=3:6.04~git20190206.bf6db5b4+dfsg1-3
packages=("extlinux=$syslinux+b1" "syslinux-common=$syslinux" memtest86+=6.10-4 e2fsprogs=1.47.0-2+b2
          "qemu-system-x86=$qemu" "qemu-system-common=$qemu" qemu-system-data seabios=1.16.2-1)
expected="by mke2fs, with a hole: failed: I/O error
written anew: Memtest86+"

work=$(mktemp -d)
trap 'umount "$work/mounted" 2> /dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial" "$work/mounted" "$work/files"
# Downloads the packages, and those of their libraries that are not installed here. Installs nothing.
if ! apt-get install --yes --no-install-recommends --reinstall --download-only -o "Dir::Cache::archives=$work/debs" \
        "${packages[@]}" > "$work/apt.log" 2>&1; then
    echo "cannot download ${packages[*]}: $(tail -n 1 "$work/apt.log")" >&2
    exit 2
fi
for package in "$work"/debs/*.deb; do
    dpkg -x "$package" "$work/root"
done
cd "$work"

cp root/boot/memtest86+x64.bin files/memtest.bin
cp root/usr/lib/syslinux/modules/bios/ldlinux.c32 files/
cat > files/extlinux.conf << 'CONF'
SERIAL 0 115200
DEFAULT memtest
LABEL memtest
  LINUX /memtest.bin
  APPEND console=ttyS0,115200
CONF
root/sbin/mke2fs -q -t ext4 -O ^64bit -d files fs.img 8192k

in_mounted() {
    mount -o loop fs.img mounted || { echo "cannot mount a file here" >&2; exit 2; }
    "$@"
    umount mounted
}

write_anew() {
    cat mounted/memtest.bin > mounted/whole
    mv mounted/whole mounted/memtest.bin
}

# Boots the disk, and prints the first of two words that appears on the serial port.
boot() {
    { cat root/usr/lib/syslinux/mbr/mbr.bin; head -c 1048576 /dev/zero; } | head -c 1048576 > disk.img
    # One active partition of Linux's kind, sectors 2048 to 18431.
    printf '\200\0\0\0\203\0\0\0\0\10\0\0\0\100\0\0' | dd of=disk.img bs=1 seek=446 conv=notrunc status=none
    printf '\125\252' | dd of=disk.img bs=1 seek=510 conv=notrunc status=none
    cat fs.img >> disk.img
    LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu \
        QEMU_MODULE_DIR=$work/root/usr/lib/x86_64-linux-gnu/qemu timeout 60 root/usr/bin/qemu-system-x86_64 \
        -L root/usr/share/seabios -L root/usr/share/qemu -accel tcg -m 32 -nodefaults -vga std -display none \
        -serial file:serial.txt -drive file=disk.img,format=raw &
    local word=
    while [ -z "$word" ] && kill -0 $! 2> /dev/null; do
        sleep 0.5
        word=$(tr -d '\0' < serial.txt 2> /dev/null | grep -a -o -m 1 'failed: I/O error\|Memtest86+' || true)
    done
    kill $! 2> /dev/null || true
    wait $! 2> /dev/null || true
    rm -f serial.txt
    echo "$1: $(head -n 1 <<< "$word")"
}

in_mounted root/usr/bin/extlinux --install mounted > extlinux.log 2>&1
seen=$(boot "by mke2fs, with a hole")
in_mounted write_anew
seen="$seen
$(boot "written anew")"
echo "$seen"
if [ "$seen" != "$expected" ]; then
    echo "changed: expected" >&2
    echo "$expected" >&2
    exit 1
fi
