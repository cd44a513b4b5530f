# A boot sector for floppy disks, emulated or not, and for hard disks: prints through INT 10h, tells the drive that it
# comes from, reads a sector of the second track's second side by INT 13h and prints the text in it, waits for a key by
# INT 16h, prints that and ends through isa-debug-exit at port 0xf4. After an error it prints AH.
# Link at 0x7c00

DEBUG_EXIT = 0xf4
STATUS = 0x15
BUFFER = 0x8000
CYLINDER = 1
HEAD = 1
SECTOR = 3

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

    mov $started, %si
    call print
    mov drive, %al
    call print_hex
    mov $0x0201, %ax            # read one sector
    mov $CYLINDER << 8 | SECTOR, %cx
    mov $HEAD, %dh
    mov drive, %dl
    mov $BUFFER, %bx
    int $0x13
    jc failed
    mov $reads, %si
    call print
    mov $BUFFER, %si
    call print
    mov $asks, %si
    call print
    xor %ah, %ah                # wait for a key
    int $0x16
    call print_character
    mov $line_end, %si
    call print
    mov $STATUS, %al
    out %al, $DEBUG_EXIT
halt:
    hlt
    jmp halt

failed:
    mov $fails, %si
    call print
    mov %ah, %al
    call print_hex
    jmp halt

print:
    lodsb
    test %al, %al
    jz printed
    call print_character
    jmp print
printed:
    ret

print_hex:
    push %ax
    shr $4, %al
    call print_digit
    pop %ax
print_digit:
    and $0x0f, %al
    add $'0', %al
    cmp $'9', %al
    jbe print_character
    add $'a' - '9' - 1, %al
print_character:
    push %ax
    push %bx
    push %si
    mov $0x0e, %ah
    mov $0x0007, %bx
    int $0x10
    pop %si
    pop %bx
    pop %ax
    ret

started:
    .asciz "A boot sector runs from drive "
reads:
    .asciz " and reads: "
asks:
    .asciz "\r\nPress a key: "
fails:
    .asciz " and cannot read: error "
line_end:
    .asciz "\r\n"
drive:
    .byte 0

    .org 510
    .word 0xaa55
