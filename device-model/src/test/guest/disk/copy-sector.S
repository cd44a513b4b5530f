# A boot sector: reads the second sector through INT 13h, adds one to its first byte, writes it to the third, reads that
# back, and ends with the byte that it finds there.
#
# Link at 0x7c00

        .set DRIVE, 0x80
        .set BUFFER, 0x7e00
        .set COPY, 0x8000
        .set EXIT_PORT, 0xf4
        .set FAILED, 0x7f

        .code16
        xorw %ax, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        movw $0x7c00, %sp

        movw $0x0201, %ax               # read one sector, the second
        movw $2, %cx
        movw $DRIVE, %dx
        movw $BUFFER, %bx
        int $0x13
        jc failed

        incb BUFFER
        movw $0x0301, %ax               # write one sector, the third
        movw $3, %cx
        movw $DRIVE, %dx
        movw $BUFFER, %bx
        int $0x13
        jc failed

        movw $0x0201, %ax
        movw $3, %cx
        movw $DRIVE, %dx
        movw $COPY, %bx
        int $0x13
        jc failed
        movb COPY, %al
        jmp end

failed: movb $FAILED, %al
end:    outb %al, $EXIT_PORT
        hlt
        jmp end

        .org 510
        .word 0xaa55
