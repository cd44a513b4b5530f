# Handlers of a machine without firmware, at the end of the F segment: an interrupt that returns, one that ends an
# interrupt of the first controller, one that ends one of the second, and the restart of the machine.
#
# Link at 0xff53

    .code16
    .globl _start
_start:
    iret

master:
    push %ax
    mov $0x20, %al
    out %al, $0x20
    pop %ax
    iret

slave:
    push %ax
    mov $0x20, %al
    out %al, $0xa0
    out %al, $0x20
    pop %ax
    iret

reset:
    mov $0xcf9, %dx
    mov $0x0e, %al
    out %al, %dx
1:  hlt
    jmp 1b
