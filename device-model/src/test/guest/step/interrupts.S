# Protected mode with handlers: a software interrupt, an undefined instruction, a division by zero that its handler steps
# over, an interrupt of the timer at HLT, and x87 and SSE in between. Link at 0x7c00. Starts in real mode; for the KVM in
# Java, which tells vectors.

    IDT = 0x2000
    .macro  gate vector, handler
    movl    $\handler, %eax
    movl    %eax, IDT + 8 * \vector
    movw    $8, IDT + 8 * \vector + 2
    movl    $0x8e00, IDT + 8 * \vector + 4
    .endm

    .code16
    .globl _start
_start:
    cli
    xorw    %bx, %bx
    movw    %bx, %ds
    lgdtl   gdtr
    movl    %cr0, %eax
    orb     $1, %al
    movl    %eax, %cr0
    ljmpl   $8, $protected

    .code32
protected:
    movl    $16, %eax
    movl    %eax, %ds
    movl    %eax, %ss
    movl    $0x7000, %esp
    gate    0, divide
    gate    6, undefined
    gate    0x20, timer
    gate    0x30, software
    lidtl   idtr
    movl    %ds, %eax
    movl    %eax, %es
    movl    $3, %ecx
    movl    $0x608, %edi
    std
    rep stosw
    cld
    int     $0x30
    ud2
    movl    $0, %ecx
    divl    %ecx
    movl    $0x600, %eax
    movl    %eax, %cr4
    fld1
    fstpl   0x700
    movss   0x704, %xmm0
    movups  %xmm0, 0x720
    movb    $0x11, %al          # the first PIC: vectors from 0x20, the timer alone
    outb    %al, $0x20
    movb    $0x20, %al
    outb    %al, $0x21
    movb    $4, %al
    outb    %al, $0x21
    movb    $1, %al
    outb    %al, $0x21
    movb    $0xfe, %al
    outb    %al, $0x21
    movb    $0x30, %al          # one interrupt of the timer, in a moment
    outb    %al, $0x43
    movb    $0xff, %al
    outb    %al, $0x40
    outb    %al, $0x40
    sti
    hlt
    movl    $0, %eax
    outl    %eax, $0xf4

software:
    pushl   %eax
    popl    %eax
    iret
undefined:
    addl    $2, (%esp)
    iret
divide:
    addl    $2, (%esp)
    iret
timer:
    cli
    iret

    .balign 8
gdt:
    .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:
    .word   23
    .long   gdt
idtr:
    .word   8 * 0x40 - 1
    .long   IDT
