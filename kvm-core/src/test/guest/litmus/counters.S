# Counters that several vCPUs count up at the same time, by each kind of locked instruction. Link at 0x100000
#
# 64-bit code. RDI is the counter's address, RSI the number of steps; R8 is where all vCPUs meet before they begin, R9
# their number. Port 0x10 ends it.
#
# The image begins with the addresses of the kinds, in the order of LockedInstruction.java.

        .equ    DONE_PORT, 0x10
        .equ    SPINS, 2000
        .equ    YIELD_PORT, 0x11

        .code64
        .irp    kind, inc8, add16, sub32, xadd32, xadd64, cmpxchg32, cmpxchg64, cmpxchg8b
        .long   \kind
        .endr
        .irp    kind, cmpxchg16b, bts, btr, xchg, adc64
        .long   \kind
        .endr

# Waits for the other vCPUs, does the steps, and tells that it is done.
        .macro  begin name
        .p2align 6
\name:
        lock addl $1, (%r8)
71:     mov     $SPINS, %eax
72:     cmp     %r9d, (%r8)
        jge     73f
        sub     $1, %eax
        jnz     72b
        out     %al, $YIELD_PORT
        jmp     71b
73:     mov     %esi, %r10d
        .p2align 4
74:
        .endm

        .macro  finish
        sub     $1, %r10d
        jnz     74b
        out     %al, $DONE_PORT
        hlt
        .endm

        begin   inc8
        lock incb (%rdi)
        finish

        begin   add16
        lock addw $1, (%rdi)
        finish

        begin   sub32
        lock subl $-1, (%rdi)
        finish

        begin   xadd32
        mov     $1, %eax
        lock xadd %eax, (%rdi)
        finish

        begin   xadd64
        mov     $1, %eax
        lock xadd %rax, (%rdi)
        finish

        begin   cmpxchg32
        mov     (%rdi), %eax
61:     lea     1(%rax), %ecx
        lock cmpxchg %ecx, (%rdi)
        jne     61b
        finish

        begin   cmpxchg64
        mov     (%rdi), %rax
61:     lea     1(%rax), %rcx
        lock cmpxchg %rcx, (%rdi)
        jne     61b
        finish

        begin   cmpxchg8b
        mov     (%rdi), %eax
        mov     4(%rdi), %edx
61:     mov     %eax, %ebx
        mov     %edx, %ecx
        add     $1, %ebx
        adc     $0, %ecx
        lock cmpxchg8b (%rdi)
        jne     61b
        finish

# Both halves count, and stay equal.
        begin   cmpxchg16b
        mov     (%rdi), %rax
        mov     8(%rdi), %rdx
61:     lea     1(%rax), %rbx
        lea     1(%rdx), %rcx
        lock cmpxchg16b (%rdi)
        jne     61b
        finish

# A bit is a lock, and what it guards counts without one.
        .macro  guarded take, give:vararg
61:     mov     $SPINS, %eax
62:     \take
        jnc     63f
        sub     $1, %eax
        jnz     62b
        out     %al, $YIELD_PORT
        jmp     61b
63:     addl    $1, 256(%rdi)
        \give
        .endm

        begin   bts
        guarded "lock btsl $5, (%rdi)", lock btrl $5, (%rdi)
        finish

# The lock is free where the bit is set.
        begin   btr
61:     mov     $SPINS, %eax
62:     lock btrl $31, (%rdi)
        jc      63f
        sub     $1, %eax
        jnz     62b
        out     %al, $YIELD_PORT
        jmp     61b
63:     addl    $1, 256(%rdi)
        lock orl $0x80000000, (%rdi)
        finish

# XCHG locks without a prefix; a plain store gives the lock back.
        begin   xchg
61:     mov     $SPINS, %eax
62:     mov     $1, %ecx
        xchg    %ecx, (%rdi)
        test    %ecx, %ecx
        jz      63f
        sub     $1, %eax
        jnz     62b
        out     %al, $YIELD_PORT
        jmp     61b
63:     addl    $1, 256(%rdi)
        movl    $0, (%rdi)
        finish

        begin   adc64
        stc
        lock adcq $0, (%rdi)
        finish
