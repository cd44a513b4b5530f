# The Bochs shutdown port: the bytes "Shutdown" end the process with status 0. QEMU had it before version 2.
#
# Link at 0x100000

    .include "guest.inc"

main:
    mov $0x8900, %edx
    mov $word, %esi
    mov $8, %ecx
    cld
.Lnext_letter:
    lodsb
    out %al, %dx
    dec %ecx
    jnz .Lnext_letter
    call settle
    print "FAIL still running\n"
    incl failures
    ret

    data
word:
    .ascii "Shutdown"
