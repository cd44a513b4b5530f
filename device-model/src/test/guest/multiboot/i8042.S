# The keyboard controller: self-test, interface tests, command byte, output port.
#
# Link at 0x100000

    .include "guest.inc"

STATUS = 0x64
DATA_PORT = 0x60

.macro ask command:req
    out_byte STATUS, \command
    call answer
.endm

main:
.Lflush:
    in_byte STATUS
    test $0x01, %al
    jz .Lflushed
    in_byte DATA_PORT
    jmp .Lflush
.Lflushed:
    ask $0xaa
    expect "self-test", $0x55
    in_byte STATUS
    and $0x07, %eax
    expect "self-test passed, nothing waits", $0x04
    ask $0xab
    expect "keyboard interface", $0x00
    out_byte STATUS, $0x60
    out_byte DATA_PORT, $0x74
    ask $0x20
    expect "command byte", $0x74
    ask $0xd0
    and $0x03, %eax
    expect "reset line up, A20 open", $0x03
    ret

# Waits for a byte from the controller; -1 if none comes.
answer:
    mov $1000, %ecx
.Lwait_byte:
    in_byte STATUS
    test $0x01, %al
    jnz .Lbyte
    dec %ecx
    jnz .Lwait_byte
    mov $-1, %eax
    ret
.Lbyte:
    in_byte DATA_PORT
    ret
