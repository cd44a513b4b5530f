# A boot sector that prints to the debug console at port 0xea how firmware answers: the first disk's geometry by
# INT 13h functions 08h and 48h, conventional memory, and the memory map by INT 15h function E820h, a line each. Ends
# through isa-debug-exit at port 0xf4.
# Link at 0x7c00

DEBUG_CONSOLE = 0xea
DEBUG_EXIT = 0xf4
BUFFER = 0x8000
SMAP = 0x534d4150

.macro show value:req
    mov \value, %eax
    call put_hex
.endm

    .code16
_start:
    ljmp $0, $begin
begin:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %sp
    cld
    mov %dl, drive

    mov $'8', %al
    call putc
    mov $0x08, %ah
    xor %di, %di
    int $0x13
    mov %cx, %bx
    xor %eax, %eax
    setc %al
    call put_hex
    movzwl %bx, %eax
    call put_hex
    movzwl %dx, %eax
    call put_hex
    call newline

    mov $'4', %al
    call putc
    mov $BUFFER, %si
    movw $0x1a, (%si)
    mov drive, %dl
    mov $0x48, %ah
    int $0x13
    xor %eax, %eax
    setc %al
    call put_hex
    mov $BUFFER, %si
    movzwl (%si), %eax
    call put_hex
    show 4(%si)
    show 8(%si)
    show 12(%si)
    show 16(%si)
    movzwl 24(%si), %eax
    call put_hex
    call newline

    mov $'m', %al
    call putc
    int $0x12
    movzwl %ax, %eax
    call put_hex
    call newline

    xor %ebx, %ebx
next_range:
    mov $0xe820, %eax
    mov $SMAP, %edx
    mov $20, %ecx
    mov $BUFFER, %di
    int $0x15
    jc done
    mov $'e', %al
    call putc
    mov $BUFFER, %si
    show 4(%si)
    show (%si)
    show 12(%si)
    show 8(%si)
    show 16(%si)
    call newline
    test %ebx, %ebx
    jnz next_range
done:
    xor %al, %al
    out %al, $DEBUG_EXIT
    cli
    hlt

newline:
    mov $'\n', %al
putc:
    out %al, $DEBUG_CONSOLE
    ret

# Prints a space and %eax in hexadecimal.
put_hex:
    push %cx
    push %edx
    mov %eax, %edx
    mov $' ', %al
    call putc
    mov $8, %cx
digit:
    rol $4, %edx
    mov %dl, %al
    and $15, %al
    add $'0', %al
    cmp $'9', %al
    jbe plain
    add $'a' - '0' - 10, %al
plain:
    call putc
    loop digit
    pop %edx
    pop %cx
    ret

drive:
    .byte 0
    .org 510
    .word 0xaa55
