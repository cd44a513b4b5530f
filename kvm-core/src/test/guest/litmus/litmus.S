# Litmus tests of the memory order: each thread is a vCPU that does the same few accesses again and again, each time
# on another cell of memory, in step with the others. Link at 0x100000
#
# A cell has two variables, x at EDI and y at EDI+64, both 0 at first. What a thread loads goes to ESI. EBP is where the
# thread tells how far it is, EDX where all four threads tell it, ESP counts what is left. The bytes mean the same in
# 64-bit code and in 32-bit code (no REX prefix, no short INC, no absolute address), so that one thread can be compiled
# and another not.
#
# The image begins with the threads' addresses: four for each test, in the order of Litmus.java.

        .equ    Y, 64                   # from a cell's x to its y
        .equ    CELL, 128
        .equ    RESULT, 8
        .equ    ONES, 0x1000            # from EDX: a table of ones
        .equ    IMAGE, 0x100000         # where the image is
        .equ    FLAGS, 0x200000         # what EDX holds
        .equ    SPINS, 2000
        .equ    DONE_PORT, 0x10
        .equ    YIELD_PORT, 0x11        # the other threads do not come: the host may have better work

        .code32
image:
        .macro  test p0, p1, p2=0, p3=0
        .long   \p0, \p1, \p2, \p3
        .endm

        test    sb0, sb1
        test    sb_mfence0, sb_mfence1
        test    sb_xchg0, sb_xchg1
        test    sb_lock0, sb_lock1
        test    sb_split0, sb_split1
        test    sb_serialize0, sb_serialize1
        test    mp0, mp1
        test    mp_stos0, mp1
        test    mp_movs0, mp1
        test    lb0, lb1
        test    w2_0, w2_1
        test    s0, s1
        test    r0, r1
        test    r_mfence0, r_mfence1
        test    corr0, corr1
        test    whole0, whole1
        test    wrc0, wrc1, wrc2
        test    iriw0, iriw1, iriw2, iriw3
        test    xmc0, xmc1

# Waits until all threads have come this far.
        .macro  sync
        add     $1, %ebx
        mov     %ebx, (%ebp)
91:     mov     $SPINS, %eax
92:     cmp     %ebx, (%edx)
        jl      93f
        cmp     %ebx, 64(%edx)
        jl      93f
        cmp     %ebx, 128(%edx)
        jl      93f
        cmp     %ebx, 192(%edx)
        jge     94f
93:     sub     $1, %eax
        jnz     92b
        out     %al, $YIELD_PORT
        jmp     91b
94:
        .endm

        .macro  begin name
        .p2align 6
\name:
90:     sync
        .endm

        .macro  finish
        add     $CELL, %edi
        add     $RESULT, %esi
        sub     $1, %esp
        jnz     90b
        out     %al, $DONE_PORT
        hlt
        .endm

# SB, store buffering: each stores one variable and loads the other one.
        .macro  store_buffering name, order:vararg
        begin   \name\()0
        movl    $1, (%edi)
        \order
        mov     Y(%edi), %eax
        mov     %eax, (%esi)
        finish
        begin   \name\()1
        movl    $1, Y(%edi)
        \order
        mov     (%edi), %eax
        mov     %eax, (%esi)
        finish
        .endm

        .macro  serialize
        mov     %ebx, 4(%esi)
        xor     %eax, %eax
        cpuid
        mov     4(%esi), %ebx
        mov     $FLAGS, %edx
        .endm

        store_buffering sb
        store_buffering sb_mfence mfence
        store_buffering sb_lock lock orl $0, 4(%esi)
        store_buffering sb_split lock orl $0, -2(%ebp)          # crosses a cache line
        store_buffering sb_serialize serialize

        begin   sb_xchg0
        mov     $1, %eax
        xchg    %eax, (%edi)
        mov     Y(%edi), %eax
        mov     %eax, (%esi)
        finish
        begin   sb_xchg1
        mov     $1, %eax
        xchg    %eax, Y(%edi)
        mov     (%edi), %eax
        mov     %eax, (%esi)
        finish

# MP, message passing: data, then a flag; the flag, then the data.
        begin   mp0
        movl    $1, (%edi)
        movl    $1, Y(%edi)
        finish
        begin   mp1
        mov     Y(%edi), %eax
        mov     (%edi), %ecx
        mov     %eax, (%esi)
        mov     %ecx, 4(%esi)
        finish

# The data by a string instruction, then the flag.
        begin   mp_stos0
        mov     $1, %eax
        mov     $8, %ecx
        rep stosl
        sub     $32, %edi
        movl    $1, Y(%edi)
        finish

# The data, then the flag by a string instruction.
        begin   mp_movs0
        movl    $1, (%edi)
        mov     %esi, %eax
        lea     ONES(%edx), %esi
        add     $Y, %edi
        mov     $8, %ecx
        rep movsl
        sub     $Y + 32, %edi
        mov     %eax, %esi
        finish

# LB, load buffering: each loads one variable and then stores the other one.
        begin   lb0
        mov     (%edi), %eax
        movl    $1, Y(%edi)
        mov     %eax, (%esi)
        finish
        begin   lb1
        mov     Y(%edi), %eax
        movl    $1, (%edi)
        mov     %eax, (%esi)
        finish

# 2+2W: both store both variables, in opposite order.
        begin   w2_0
        movl    $1, (%edi)
        movl    $2, Y(%edi)
        finish
        begin   w2_1
        movl    $1, Y(%edi)
        movl    $2, (%edi)
        finish

# S: two stores; the second one's reader stores over the first.
        begin   s0
        movl    $2, (%edi)
        movl    $1, Y(%edi)
        finish
        begin   s1
        mov     Y(%edi), %eax
        movl    $1, (%edi)
        mov     %eax, (%esi)
        finish

# R: two stores; the other stores over the second and loads the first.
        .macro  r_test name, order:vararg
        begin   \name\()0
        movl    $1, (%edi)
        \order
        movl    $1, Y(%edi)
        finish
        begin   \name\()1
        movl    $2, Y(%edi)
        \order
        mov     (%edi), %eax
        mov     %eax, (%esi)
        finish
        .endm

        r_test  r
        r_test  r_mfence mfence

# CoRR, coherence: two loads of one variable never see it go back.
        begin   corr0
        movl    $1, (%edi)
        finish
        begin   corr1
        mov     (%edi), %eax
        mov     (%edi), %ecx
        mov     %eax, (%esi)
        mov     %ecx, 4(%esi)
        finish

# WHOLE: eight aligned bytes are stored and loaded at once. The moves through MM0 mean the same in 32-bit code.
        begin   whole0
        movq    ONES(%edx), %mm0
        movq    %mm0, (%edi)
        finish
        begin   whole1
        movq    (%edi), %mm1
        movq    %mm1, (%esi)
        finish

# WRC, write to read causality: what the second has seen before its store, the third sees after having seen that.
        begin   wrc0
        movl    $1, (%edi)
        finish
        begin   wrc1
        mov     (%edi), %eax
        movl    $1, Y(%edi)
        mov     %eax, (%esi)
        finish
        begin   wrc2
        mov     Y(%edi), %eax
        mov     (%edi), %ecx
        mov     %eax, (%esi)
        mov     %ecx, 4(%esi)
        finish

# IRIW, independent reads of independent writes: all see two stores in the same order.
        begin   iriw0
        movl    $1, (%edi)
        finish
        begin   iriw1
        movl    $1, Y(%edi)
        finish
        begin   iriw2
        mov     (%edi), %eax
        mov     Y(%edi), %ecx
        mov     %eax, (%esi)
        mov     %ecx, 4(%esi)
        finish
        begin   iriw3
        mov     Y(%edi), %eax
        mov     (%edi), %ecx
        mov     %eax, (%esi)
        mov     %ecx, 4(%esi)
        finish

# XMC, cross-modifying code (SDM vol. 3, 10.1.3): one changes an instruction and tells; the other, when it was told,
# serialises and executes it. It stores 0 if the instruction is the new one.
        begin   xmc0
        mov     %ebx, IMAGE - FLAGS + (xmc_instruction + 1 - image)(%edx)
        movl    $1, Y(%edi)
        finish
        .p2align 12
        begin   xmc1
        mov     Y(%edi), %eax
        mov     %eax, (%esi)
        mov     %cr3, %eax
        mov     %eax, %cr3
xmc_instruction:
        mov     $0x7FFFFFFF, %eax
        sub     %ebx, %eax
        mov     %eax, 4(%esi)
        finish
