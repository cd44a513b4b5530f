#!/usr/bin/env bash
# objdump does not show an FWAIT that stands before another x87 instruction: it prints both as one line with the second
# one's name, so the text that it prints, assembled again, is another program. Before an instruction of the integer unit
# the same byte is a line of its own. A disassembler that is held against objdump has to know this.
#
# What is done: a program with FWAIT before FLD, before FLD with a REX prefix, before FNINIT and before MOV is
# assembled, disassembled, and the disassembly's text is assembled again. FWAIT (9B) is an instruction by itself (SDM
# volume 2, FWAIT); FINIT, FSTCW and their like are the assembler's names for FWAIT and the form with N (SDM volume 2,
# FINIT/FNINIT).
#
# Versions: binutils-x86-64-linux-gnu 2.40-2 (Debian 12, amd64).
# Seen on 2026-11-30:
#   9b d9 c0        fld    %st(0)
#   9b 48 d9 c0     rex.W fld %st(0)
#   9b db e3        finit
#   9b              fwait
#   48 89 c0        mov    %rax,%rax
#   14 bytes assembled, 12 after the way there and back
# Guess before: each instruction has a line, but for the three-byte forms that have names of their own, such as FINIT.
#
# Exit status: 0 if objdump prints what it did, 1 if something has changed, 2 if the packages cannot be had.
set -euo pipefail

packages=(binutils-x86-64-linux-gnu=2.40-2 binutils-common=2.40-2 libbinutils=2.40-2 libctf0=2.40-2)

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
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
tool() {
    "$work/root/usr/bin/x86_64-linux-gnu-$1" "${@:2}"
}

cat > program.S << 'PROGRAM'
        fwait
        fld     %st(0)
        fwait
        rex.W fld %st(0)
        fwait
        fninit
        fwait
        mov     %rax, %rax
PROGRAM
cat > expected << 'EXPECTED'
9b d9 c0|fld %st(0)
9b 48 d9 c0|rex.W fld %st(0)
9b db e3|finit
9b|fwait
48 89 c0|mov %rax,%rax
EXPECTED

# The bytes and the text of each line of a disassembly, and the number of bytes in the section.
lines() {
    tool objdump -d "$1" | awk -F '\t' 'NF == 3 {
        sub(/ +$/, "", $2); sub(/ +$/, "", $3); gsub(/ +/, " ", $3); print $2 "|" $3 }'
}
size() {
    tool objcopy -O binary -j .text "$1" "$1.bin"
    stat -c %s "$1.bin"
}

tool as -o program.o program.S
lines program.o > seen
cut -d '|' -f 2 seen > again.S
tool as -o again.o again.S
there=$(size program.o)
back=$(size again.o)
cat seen
echo "$there bytes assembled, $back after the way there and back"
if ! diff -u expected seen || [ "$there $back" != "14 12" ]; then
    echo "objdump prints something else than it did" >&2
    exit 1
fi
