# A boot sector that prints to the debug console at port 0xea the state that it was started in, a line each: the segment
# registers, CS:IP and the stack; general registers, flags and CR0; masks of the interrupt controllers and levels of their
# lines; the BIOS data area, 16 bytes a line; which vectors point into the F segment. Ends through isa-debug-exit at
# port 0xf4.
# Link at 0x7c00

DEBUG_CONSOLE = 0xea
DEBUG_EXIT = 0xf4
DATA_AREA = 0x400
LAST_LINE = 0x4a0

    .code16
_start:
    pushf
    push %ds
    push %es
    push %ss
    pushal
    call 1f
1:  pop %bp
    sub $(1b - _start), %bp     # where IP began
    mov %cs, %ax
    call word
    mov %bp, %ax
    call word
    xor %ax, %ax
    mov %ax, %ds
    mov %sp, %bp
    mov 32(%bp), %ax            # SS, ES, DS
    call word
    mov 34(%bp), %ax
    call word
    mov 36(%bp), %ax
    call word
    lea 40(%bp), %ax            # SP
    call word
    call newline

    mov 28(%bp), %ax            # AX, CX, DX, BX, SI, DI
    call word
    mov 24(%bp), %ax
    call word
    mov 20(%bp), %ax
    call word
    mov 16(%bp), %ax
    call word
    mov 4(%bp), %ax
    call word
    mov 0(%bp), %ax
    call word
    mov 38(%bp), %ax            # IF and DF
    and $0x600, %ax
    call word
    mov %cr0, %eax
    and $0x9fff, %ax
    call word
    call newline

    in $0x21, %al
    call byte
    in $0xa1, %al
    call byte
    mov $0x4d0, %dx
    in (%dx), %al
    call byte
    inc %dx
    in (%dx), %al
    call byte
    call newline

    mov $DATA_AREA, %si
2:  mov %si, %ax
    call word
    mov $16, %cx
3:  lodsb
    call byte
    loop 3b
    call newline
    cmp $LAST_LINE, %si
    jbe 2b

    xor %si, %si                # a letter for each vector: F, 0 for none, other
4:  mov 2(%si), %ax
    mov $'F', %dl
    cmp $0xf000, %ax
    je 5f
    mov $'0', %dl
    test %ax, %ax
    jz 5f
    mov $'?', %dl
5:  mov %dl, %al
    call put
    add $4, %si
    cmp $4 * 0x78, %si
    jb 4b
    call newline
    xor %al, %al
    out %al, $DEBUG_EXIT
    cli
    hlt

newline:
    mov $'\n', %al
put:
    out %al, $DEBUG_CONSOLE
    ret
word:                           # AX and a blank
    push %ax
    mov %ah, %al
    call digits
    pop %ax
byte:                           # AL and a blank
    call digits
    mov $' ', %al
    jmp put
digits:
    push %ax
    shr $4, %al
    call digit
    pop %ax
    and $15, %al
digit:
    cmp $10, %al
    sbb $0x69, %al
    das
    jmp put

    .org 510
    .word 0xaa55
