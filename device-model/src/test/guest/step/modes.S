# Real mode, protected mode, long mode, each with a few instructions whose effects are known: written down one by one by
# -trace step. Link at 0x7c00. No flag is undefined after any of them, and a KVM that emulates each instruction can
# execute all; there is no REP and no load of SS that changes it, for such a KVM counts them otherwise.

    .code16
    .globl _start
_start:
    cli
    xorw    %bx, %bx
    movw    %bx, %ds
    movw    %bx, %es
    movw    %bx, %ss
    movw    $0x7c00, %sp
    movw    $0x1234, %bx
    movw    %bx, 0x500
    movw    %ax, 0x502
    pushw   %bx
    popl    %ecx                # four bytes of the two that were pushed and the code above
    movw    $0x600, %di
    movb    $0x41, %al
    cld
    stosb
    call    sub16
    lgdtl   gdtr
    movl    %cr0, %eax
    orb     $1, %al
    movl    %eax, %cr0
    ljmpl   $8, $protected

sub16:
    subw    $0x1234, %bx
    ret

    .code32
protected:
    movl    $16, %eax
    movl    %eax, %ds
    movl    %eax, %es
    movl    $0x7000, %esp
    pushl   $-2
    addl    $3, (%esp)
    incl    0x500
    movl    $40, %edx
    btsl    %edx, 0x500         # a bit of the byte at 0x505
    movl    $0x1003, 0x2000     # page tables: one of each level, 2 MiB
    movl    $0x3003, 0x2000
    movl    $0x4003, 0x3000
    movl    $0x83, 0x4000
    movl    $0x20, %eax
    movl    %eax, %cr4
    movl    $0x2000, %eax
    movl    %eax, %cr3
    movl    $0xc0000080, %ecx
    movl    $0x100, %eax
    movl    $0, %edx
    wrmsr
    movl    %cr0, %eax
    orl     $0x80000000, %eax
    movl    %eax, %cr0
    ljmp    $24, $long

    .code64
long:
    movq    $-2, %r9
    movq    %r9, counter(%rip)
    pushq   %r9
    xchgq   %r9, (%rsp)
    movl    $0x11, %eax
    movl    %eax, %r8d
    movl    $0, %eax
    outl    %eax, $0xf4

    .balign 8
gdt:
    .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
gdtr:
    .word   31
    .long   gdt
    .balign 8
counter:
    .quad   0
