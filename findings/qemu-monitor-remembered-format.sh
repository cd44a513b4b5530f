#!/usr/bin/env bash
# QEMU's human monitor remembers unit and letter of a memory dump's format, also where the next command's format does not
# want them. `x/3c` prints 12 characters at first, since the unit is four bytes, 24 after `x/1gx` and 3 after `x/1bx`;
# `print 5` prints a character after it, since the letter is still c. A line means what the lines before make of it: a
# script that reads the monitor has to give each format in full.
#
# What is done: QEMU starts with a paused machine, whose memory is zero, and takes commands through a pipe.
#
# Version: qemu-system-x86 1:7.2+dfsg-7+deb12u18+b3 (Debian 12, amd64).
# Seen on 2026-11-30: x/3c at the start    12 characters
#                     x/3c after x/1gx     24 characters
#                     x/3c after x/1bx      3 characters
#                     print 5 at the start  0x5
#                     print 5 after x/3c    '\x05'
# Guess before: c is a format of bytes, as gdb's x/3c is, and print has a format of its own.
#
# Exit status: 0 if QEMU does what it did, 1 if something has changed, 2 if the packages cannot be had.
set -euo pipefail

version=1:7.2+dfsg-7+deb12u18+b3
packages=("qemu-system-x86=$version" "qemu-system-common=$version" seabios)
expected="x/3c at the start: 12 characters
x/3c after x/1gx: 24 characters
x/3c after x/1bx: 3 characters
print 5 at the start: 0x5
print 5 after x/3c: '\\x05'"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial"
# Downloads QEMU, and those of its libraries that are not installed here. Installs nothing.
if ! apt-get install --yes --no-install-recommends --reinstall --download-only -o "Dir::Cache::archives=$work/debs" \
        "${packages[@]}" > "$work/apt.log" 2>&1; then
    echo "cannot download ${packages[*]}: $(tail -n 1 "$work/apt.log")" >&2
    exit 2
fi
for package in "$work"/debs/*.deb; do
    dpkg -x "$package" "$work/root"
done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
export QEMU_MODULE_DIR=$work/root/usr/lib/x86_64-linux-gnu/qemu

# The monitor's output for commands, one for each line, without what it shows of the typed keys.
monitor() {
    { printf '%s\n' "$@"; echo quit; } | timeout 20 "$work/root/usr/bin/qemu-system-x86_64" \
        -L "$work/root/usr/share/seabios" -L "$work/root/usr/share/qemu" -accel tcg -nodefaults -display none -S \
        -monitor stdio 2> "$work/messages" | tr -d '\r' | grep -v '(qemu)' | tail -n +2
}
characters() {
    echo "$1: $(monitor "${@:2}" | grep -o "'[^']*'" | wc -l) characters"
}

seen=$(characters "x/3c at the start" "x/3c 0x7000"
    characters "x/3c after x/1gx" "x/1gx 0x7000" "x/3c 0x7000"
    characters "x/3c after x/1bx" "x/1bx 0x7000" "x/3c 0x7000"
    echo "print 5 at the start: $(monitor "print 5" | tail -n 1)"
    echo "print 5 after x/3c: $(monitor "x/3c 0x7000" "print 5" | tail -n 1)")
echo "$seen"
if [ "$seen" != "$expected" ]; then
    echo "changed: expected" >&2
    echo "$expected" >&2
    exit 1
fi
