# A boot sector that sets each mode of INT 10h and writes to the first serial port, in hexadecimal, the state that follows:
# the BIOS data area from 40:49 to 40:66 and from 40:84 to 40:8a, the adapter's registers, its 256 colours, and the 64
# bytes of function 1Bh.
#
# Link at 0x7c00

    .code16
    .globl _start
_start:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %sp
    mov $modes, %si
    cld

next:
    lodsb
    cmp $0xff, %al
    je end
    push %si
    call put                    # the mode's number
    xor %ah, %ah
    int $0x10

    mov $0x449, %si
    mov $0x466 - 0x449 + 1, %cx
    call putMemory
    mov $0x484, %si
    mov $0x48a - 0x484 + 1, %cx
    call putMemory

    mov $0x3cc, %dx
    in %dx, %al
    call put
    mov $0x3c4, %dx
    mov $5, %cx
    call putIndexed
    mov 0x463, %dx
    mov $0x19, %cx
    call putIndexed
    mov $0x3ce, %dx
    mov $9, %cx
    call putIndexed

    xor %bl, %bl
attribute:
    call flipFlop
    mov $0x3c0, %dx
    mov %bl, %al
    out %al, %dx
    inc %dx
    in %dx, %al
    call put
    inc %bl
    cmp $0x15, %bl
    jb attribute
    call flipFlop
    mov $0x3c0, %dx
    mov $0x20, %al
    out %al, %dx

    mov $0x3c7, %dx
    xor %al, %al
    out %al, %dx
    mov $768, %cx
    mov $0x3c9, %dx
colour:
    in %dx, %al
    call put
    loop colour

    mov $0x1b00, %ax
    xor %bx, %bx
    mov $0x600, %di
    int $0x10
    mov $0x600, %si
    mov $64, %cx
    call putMemory
    pop %si
    jmp next

end:
    mov $0xf4, %dx
    xor %al, %al
    out %al, %dx
1:  hlt
    jmp 1b

flipFlop:
    mov 0x463, %dx
    add $6, %dx
    in %dx, %al
    ret

# Registers 0 to CX - 1 of the index port DX.
putIndexed:
    xor %bl, %bl
1:  mov %bl, %al
    out %al, %dx
    inc %dx
    in %dx, %al
    dec %dx
    call put
    inc %bl
    loop 1b
    ret

# CX bytes from DS:SI.
putMemory:
    lodsb
    call put
    loop putMemory
    ret

# AL to the serial port in two hexadecimal digits; keeps all registers.
put:
    push %ax
    push %dx
    push %ax
    shr $4, %al
    call digit
    pop %ax
    and $0x0f, %al
    call digit
    pop %dx
    pop %ax
    ret

digit:
    cmp $10, %al
    sbb $0x69, %al              # the digit's letter, by decimal adjustment
    das
    mov %al, %ah
    mov $0x3fd, %dx
1:  in %dx, %al
    test $0x20, %al
    jz 1b
    mov $0x3f8, %dx
    mov %ah, %al
    out %al, %dx
    ret

modes:
    .byte 0, 1, 2, 3, 4, 5, 6, 7, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x83, 0xff

    .org 510
    .byte 0x55, 0xaa
