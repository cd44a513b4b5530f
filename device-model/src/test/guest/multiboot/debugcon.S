# The debug console at port 0xe9: reads its own number, takes single bytes and strings.
#
# Link at 0x100000

    .include "guest.inc"

CONSOLE = 0xe9

main:
    in_byte CONSOLE
    cmp $CONSOLE, %eax
    je .Lthere
    incl failures
    ret
.Lthere:
    out_byte CONSOLE, $'>'
    mov $greeting, %esi
    mov $greeting_end - greeting, %ecx
    mov $CONSOLE, %edx
    cld
    rep outsb
    ret

    data
greeting:
    .ascii " a string to port 0xe9\n"
greeting_end:
