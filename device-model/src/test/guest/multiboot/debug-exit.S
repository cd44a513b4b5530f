# isa-debug-exit: its port reads zero, and a write of four bytes ends the process with (0x123 << 1 | 1) & 0xff = 71.
#
# Link at 0x100000

ADDRESS_FIELDS = 1

    .include "guest.inc"

main:
    mov $DEBUG_EXIT, %edx
    xor %eax, %eax
    in %dx, %al
    expect "the port reads zero", $0
    mov $DEBUG_EXIT, %edx
    mov $0x123, %eax
    out %eax, %dx
    print "FAIL still running\n"
    ret
