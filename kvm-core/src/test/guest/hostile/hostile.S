# Guests that give a translating processor as much to do as they can. 64-bit code. Link at 0x100000
#
# Memory is mapped one to one by pages of 2 MiB. R15 counts what was done; RBX is the sum of what the made code has
# answered. Each begins at the address in the table that the image begins with, in the order of HostileProgram.java, and
# never ends.

        .equ    ARENA, 0x400000         # code is made here
        .equ    ARENA_END, 0xC00000
        .equ    PAGE, 0x1000
        .equ    DIRECTORY, 0x72000      # of the first GiB
        .equ    WINDOW, 0x1000000       # a page of 2 MiB that is mapped to one place and another
        .equ    FIRST, 0x400000
        .equ    SECOND, 0x600000
        .equ    ALIAS, 0x1200000        # the same place as FIRST
        .equ    STACK, 0x300000

        .code64
        .quad   ever_new, storm, remap, across, alias, sleds

# Code that is made, called until it is hot, and never used again: page after page.
        .p2align 6
ever_new:
        mov     $STACK, %esp
        mov     $ARENA, %edi
1:      lea     made(%rip), %rsi
        mov     $made_end - made, %ecx
        mov     %rdi, %rdx
        rep movsb
        mov     %r15d, made_immediate - made(%rdx)
        mov     $6000, %ecx
        call    *%rdx
        add     $1, %r15
        lea     PAGE(%rdx), %rdi
        cmp     $ARENA_END, %rdi
        jb      1b
        mov     $ARENA, %edi
        jmp     1b

made:   add     $0x11111111, %rax
        .equ    made_immediate, . - 4
        rol     $7, %rax
        xor     %rax, %r8
        sub     $1, %ecx
        jnz     made
        ret
made_end:

# The same code is changed and called, again and again: it answers with the number that was written into it.
        .p2align 6
storm:  mov     $STACK, %esp
        mov     $ARENA, %edi
        movb    $0xB8, (%rdi)                   # mov eax, imm32; ret
        movb    $0xC3, 5(%rdi)
1:      mov     %r15d, 1(%rdi)
        mov     $40, %ecx
2:      call    *%rdi
        cmp     %r15d, %eax
        jne     3f
        sub     $1, %ecx
        jnz     2b
        add     $1, %r15
        jmp     1b
3:      add     $1, %rbx                        # an answer of old code
        add     $1, %r15
        jmp     1b

# The code stays and its page table entry changes: first place, second place.
        .p2align 6
remap:  mov     $STACK, %esp
        movl    $0xC301B0, FIRST                # mov al, 1; ret
        movl    $0xC302B0, SECOND
        mov     $WINDOW, %edi
1:      movl    $FIRST | 0x87, DIRECTORY + (WINDOW >> 21) * 8
        invlpg  (%rdi)
        mov     $50, %ecx
        xor     %eax, %eax
2:      call    *%rdi
        add     %eax, %ebx
        sub     $1, %ecx
        jnz     2b
        movl    $SECOND | 0x87, DIRECTORY + (WINDOW >> 21) * 8
        invlpg  (%rdi)
        mov     $50, %ecx
2:      call    *%rdi
        add     %eax, %ebx
        sub     $1, %ecx
        jnz     2b
        add     $150, %r15
        jmp     1b

# An instruction across a page end, whose part on the second page is rewritten.
        .p2align 6
across: mov     $STACK, %esp
        mov     $ARENA + PAGE - 3, %edi
        movb    $0xB8, (%rdi)                   # mov eax, imm32; ret
        movw    $0, 1(%rdi)
        movb    $0xC3, 5(%rdi)
1:      mov     %r15w, 3(%rdi)
        mov     $40, %ecx
2:      call    *%rdi
        shr     $16, %eax
        cmp     %r15w, %ax
        jne     3f
        sub     $1, %ecx
        jnz     2b
        add     $1, %r15
        jmp     1b
3:      add     $1, %rbx
        add     $1, %r15
        jmp     1b

# Code that is written through another mapping of its page.
        .p2align 6
alias:  mov     $STACK, %esp
        movl    $FIRST | 0x87, DIRECTORY + (ALIAS >> 21) * 8
        mov     $ALIAS, %esi
        invlpg  (%rsi)
        mov     $FIRST, %edi
        movb    $0xB8, (%rdi)
        movb    $0xC3, 5(%rdi)
1:      mov     %r15d, 1(%rsi)
        mov     $40, %ecx
2:      call    *%rdi
        cmp     %r15d, %eax
        jne     3f
        sub     $1, %ecx
        jnz     2b
        add     $1, %r15
        jmp     1b
3:      add     $1, %rbx
        add     $1, %r15
        jmp     1b

# Pages full of NOPs that are entered at each byte: as many blocks as there are bytes, all different.
        .p2align 6
sleds:  mov     $STACK, %esp
        mov     $ARENA, %edi
1:      lea     (%rdi), %r8
        mov     $PAGE - 1, %ecx
        mov     $0x90, %al
        rep stosb
        movb    $0xC3, (%rdi)
        add     $1, %rdi
2:      call    *%r8
        add     $1, %r8
        add     $1, %r15
        cmp     %rdi, %r8
        jb      2b
        cmp     $ARENA_END, %rdi
        jb      1b
        mov     $ARENA, %edi
        jmp     1b
