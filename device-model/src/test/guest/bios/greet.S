# A boot sector that greets by INT 10h and ends through isa-debug-exit at port 0xf4, with the status that tells that its
# registers are as the services have found them.
# Link at 0x7c00

    .code16
    mov $0x12345678, %ebx
    mov $0x9abcdef0, %ecx
    mov $text, %si
1:  lodsb
    test %al, %al
    jz 2f
    mov $0x0e, %ah
    int $0x10
    jmp 1b
2:  xor %al, %al
    cmp $0x12345678, %ebx
    jne 3f
    cmp $0x9abcdef0, %ecx
    jne 3f
    inc %ax
3:  out %al, $0xf4
    hlt
text:
    .asciz "hello from 0:7C00\n"
    .org 510
    .byte 0x55, 0xaa
