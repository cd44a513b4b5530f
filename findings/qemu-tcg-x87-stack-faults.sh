#!/usr/bin/env bash
# QEMU's TCG has no x87 stack faults: a program that overflows or underflows the register stack sees other results than
# on a processor. So QEMU under software emulation cannot judge an x87 implementation.
#
# What is done: one static program, run on this machine's processor and by qemu-x86_64-static. It
#   1. loads nine ones on the eight registers and reads the status word (SDM volume 1, 8.5.1.1: IE, SF and C1 are set);
#   2. adds to an empty register and reads the status word (IE and SF set, C1 clear);
#   3. stores an empty register as a 32-bit number (the default NaN, FFC00000) and reads the status word.
#
# Versions: qemu-user-static 1:7.2+dfsg-7+deb12u18+b3, binutils 2.40-2 (Debian 12, amd64).
# Seen on 2026-11-30: processor (GenuineIntel)  0241 0041 ffc00000 0041
#                     qemu-x86_64-static        0000 0000 40000000 0000
# Guess before: TCG computes with 80-bit soft float and keeps the stack's tags, so it would raise the stack's faults too.
#
# Exit status: 0 if both print what they did, 1 if something has changed, 2 if the packages cannot be had.
set -euo pipefail

expected_processor="0241 0041 ffc00000 0041"
expected_qemu="0000 0000 40000000 0000"
packages=(qemu-user-static=1:7.2+dfsg-7+deb12u18+b3 binutils-x86-64-linux-gnu=2.40-2 libbinutils=2.40-2 libctf0=2.40-2)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
if ! apt-get download "${packages[@]}" > apt.log 2>&1; then
    echo "cannot download ${packages[*]}: $(tail -n 1 apt.log)" >&2
    exit 2
fi
for package in ./*.deb; do
    dpkg -x "$package" root
done
tools=$work/root/usr
export LD_LIBRARY_PATH=$tools/lib/x86_64-linux-gnu

cat > stack.S << 'PROGRAM'
        .globl  _start
        .text
_start:
        fninit
        .rept   9
        fld1
        .endr
        fnstsw  results
        fninit
        fld1
        faddp
        fnstsw  results + 2
        fninit
        fstps   results + 4
        fnstsw  results + 8
        mov     $1, %eax
        mov     $1, %edi
        mov     $results, %esi
        mov     $10, %edx
        syscall
        mov     $60, %eax
        xor     %edi, %edi
        syscall
        .data
results:
        .zero   10
PROGRAM
"$tools/bin/x86_64-linux-gnu-as" -o stack.o stack.S
"$tools/bin/x86_64-linux-gnu-ld" -o stack stack.o

# IE, SF and C1 of the status words: the condition code's other bits and the top of the stack do not matter here.
show() {
    od -An -v -tx2 | {
        read -r first second low high third
        printf '%04x %04x %s%s %04x\n' $((0x$first & 0x241)) $((0x$second & 0x241)) "$high" "$low" $((0x$third & 0x241))
    }
}
processor=$(./stack | show)
qemu=$("$tools/bin/qemu-x86_64-static" ./stack | show)
printf 'processor:          %s\nqemu-x86_64-static: %s\n' "$processor" "$qemu"
if [ "$processor" != "$expected_processor" ] || [ "$qemu" != "$expected_qemu" ]; then
    printf 'changed; expected:\nprocessor:          %s\nqemu-x86_64-static: %s\n' "$expected_processor" "$expected_qemu" >&2
    exit 1
fi
