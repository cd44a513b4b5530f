# A boot program that prints to the debug console at port 0xea how INT 13h answers a table of calls, a line each: AX, BX,
# CX and DX of the call; carry, AX, BX, CX, DX, ES and DI afterwards, the status bytes 40:41 and 40:74, the number of
# disks 40:75; and what the call has made of the packet at DS:SI. Ends through isa-debug-exit at port 0xf4. It reads its
# own second to fourth sector from the drive in DL, unless that is a CD's, whose image is loaded whole.
# Link at 0x7c00

DEBUG_CONSOLE = 0xea
DEBUG_EXIT = 0xf4
PACKET = 0x9000
PACKET_SIZE = 0x50
BUFFER_SEGMENT = 0x2000
FIRST_CD = 0xe0
SECTORS = 4
END = 0xffff

.macro put register:req
    mov \register, %ax
    call put_word
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
    cmp $FIRST_CD, %dl
    jae next
    mov $0x0200 + SECTORS - 1, %ax
    mov $0x7e00, %bx
    mov $0x0002, %cx
    xor %dh, %dh
    int $0x13
    jc done

next:
    mov entry, %si
    cmpw $END, (%si)
    je done
    mov $PACKET, %di
    mov $PACKET_SIZE / 2, %cx
    xor %ax, %ax
    rep stosw
    mov $PACKET, %di
    lodsw
    put %ax
    mov -2(%si), %cx
    mov %ch, %cl
    lodsw
    put %ax
    cmp $0x48, %cl
    je sized
    movb $0x10, (%di)
    movw $BUFFER_SEGMENT, 6(%di)
    mov %ax, 8(%di)
    cwd
    mov %dx, 10(%di)
    mov %dx, 12(%di)
    mov %dx, 14(%di)
    mov (%si), %dx
    mov %dx, 2(%di)
    jmp shown
sized:
    mov %ax, (%di)
shown:
    lodsw
    put %ax
    lodsw
    put %ax
    mov %si, entry
    mov $'=', %al
    out %al, $DEBUG_CONSOLE

    mov -8(%si), %ax
    mov -6(%si), %bx
    mov -4(%si), %cx
    mov -2(%si), %dx
    mov $PACKET, %si
    xor %di, %di
    push %ds
    push $BUFFER_SEGMENT
    pop %es
    int $0x13
    pop %ds
    cld
    push %di
    push %es
    push %dx
    push %cx
    push %bx
    push %ax
    setc %al
    cbw
    call put_word
    mov $6, %cx
answers:
    pop %ax
    call put_word
    loop answers
    xor %ax, %ax
    mov %ax, %es
    mov 0x441, %al
    mov 0x474, %ah
    call put_word
    mov 0x475, %al
    xor %ah, %ah
    call put_word
    mov entry, %si
    mov -7(%si), %al
    mov $PACKET + 2, %si
    mov $1, %cx
    cmp $0x42, %al
    jb line
    cmp $0x47, %al
    jbe bytes
    mov $PACKET, %si
    mov $PACKET_SIZE / 2, %cx
    cmp $0x48, %al
    je bytes
    cmp $0x4b, %al
    jne line
bytes:
    lodsw
    xchg %al, %ah
    call put_word
    loop bytes
line:
    mov $'\n', %al
    out %al, $DEBUG_CONSOLE
    jmp next

done:
    mov $0x10, %al
    out %al, $DEBUG_EXIT
    hlt

# Prints AX and a space. Keeps all registers.
put_word:
    push %ax
    push %cx
    mov $4, %cx
digit:
    rol $4, %ax
    push %ax
    and $0x0f, %al
    cmp $10, %al
    sbb $0x69, %al
    das
    out %al, $DEBUG_CONSOLE
    pop %ax
    loop digit
    mov $' ', %al
    out %al, $DEBUG_CONSOLE
    pop %cx
    pop %ax
    ret

entry:
    .word calls

    .org 510
    .word 0xaa55

.macro ask ax:req, bx=0, cx=0, dx:req
    .word \ax, \bx, \cx, \dx
.endm

.macro each drive:req
    ask 0x0000, 0, 0, \drive | 0xff00
    ask 0x0100, 0, 0, \drive
    ask 0x0201, 0, 0x0001, \drive
    ask 0x0200, 0, 0x0001, \drive
    ask 0x0281, 0, 0x0001, \drive
    ask 0x0201, 0, 0x0000, \drive
    ask 0x0201, 0, 0x003f, \drive
    ask 0x0201, 0, 0x0001, 0xff00 | \drive
    ask 0x0201, 0, 0xff01, \drive
    ask 0x0401, 0, 0x0001, \drive
    ask 0x0100, 0, 0, \drive
    ask 0x0800, 0x1111, 0x2222, 0x3300 | \drive
    ask 0x0900, 0, 0, \drive
    ask 0x0a00, 0, 0, \drive
    ask 0x0c00, 0, 1, \drive
    ask 0x0d00, 0, 0, \drive
    ask 0x1000, 0, 0, \drive
    ask 0x1100, 0, 0, \drive
    ask 0x1400, 0, 0, \drive
    ask 0x1500, 0x1111, 0x2222, 0x3300 | \drive
    ask 0x1600, 0, 0, \drive
    ask 0x1700, 0, 0, \drive
    ask 0x1800, 0, 0x4f12, \drive
    ask 0x41ff, 0x55aa, 0, \drive
    ask 0x42ff, 0, 1, \drive
    ask 0x42ff, 0, 0, \drive
    ask 0x42ff, 0, 0x0100, \drive
    ask 0x42ff, 0xffff, 1, \drive
    ask 0x4400, 0, 1, \drive
    ask 0x4500, 0, 0, \drive
    ask 0x4501, 0, 0, \drive
    ask 0x4501, 0, 0, \drive
    ask 0x4502, 0, 0, \drive
    ask 0x4503, 0, 0, \drive
    ask 0x4700, 0, 1, \drive
    ask 0x4800, 0x19, 0, \drive
    ask 0x4800, 0x1a, 0, \drive
    ask 0x4800, 0x1e, 0, \drive
    ask 0x4800, 0x42, 0, \drive
    ask 0x4800, 0x4a, 0, \drive
    ask 0x4900, 0, 0, \drive
    ask 0x4b01, 0, 0, \drive
    ask 0x4e01, 0, 0, \drive
    ask 0x4e02, 0, 0, \drive
.endm

calls:
    each 0x00
    each 0x80
    each 0x81
    each 0xe0
    .word END
    .org SECTORS * 512
