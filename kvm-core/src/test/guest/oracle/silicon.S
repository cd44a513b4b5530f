# Runs snippets of user-mode code on this host's processor and tells what became of registers, memory and FPU state.
# A Linux program without a library: the flat image is an ELF file by its own header.
#
# Link at 0x5a5a00000000
# Far from all addresses that a snippet is likely to make up: what it hits must be a window or unmapped.
#
# argv[1] names a file of 4 MiB that is shared with the caller: a page of header, then records of 4096 bytes; the last
# two pages are the snippets' code.
# A byte on standard input starts a batch of `count` records, a byte on standard output tells that it is done.
# Each record's input is loaded into the frame of a signal and entered by sigreturn; the snippet ends in a signal, by
# its own fault, by single step (TF) or by the INT3 that fills the code pages, and the frame of that is the output. So
# one signal per snippet, and no instruction of this program between two of them sees the snippet's state. INT3 is the fast
# way (1 us): hypervisors intercept #DB and #UD (16 and 9 us under KVM).
#
# System calls of snippets end in SIGSYS where the kernel has syscall user dispatch; the caller does not send any.

        # Header of the shared file.
        .set    COUNT, 0                # in: records of the batch
        .set    FEATURES, 4             # out: what follows
        .set    HAS_FSGSBASE, 1
        .set    HAS_DISPATCH, 2         # system calls of snippets are caught
        .set    HAS_SEGMENTS, 4         # the table of segments below is loaded
        .set    HAS_AVX, 8

        # A record: input, and output at +OUT with the same layout.
        .set    RECORD, 4096
        .set    OUT, 2048
        .set    FLAGS, 0                # in: REPEAT; out: signal
        .set    REPEAT, 1               # single step: go on while the instruction is not left
        .set    LENGTH, 4               # in: bytes of code; out: si_code
        .set    CODE, 8                 # in: up to 64 bytes; out: si_addr, then the number of steps
        .set    CODE_SIZE, 64
        .set    DATA_SEGMENTS, 72       # DS, ES, two bytes each; out: FS and GS too
        .set    REGISTERS, 80           # as in struct sigcontext: R8 ... CS, err, trapno, oldmask, CR2
        .set    IN_REGISTERS, 19
        .set    OUT_REGISTERS, 23
        .set    FS_BASE, 264
        .set    GS_BASE, 272
        .set    PLACE, 280              # in: linear address of the code
        .set    FX, 320                 # the first bytes of an FXSAVE image
        .set    FX_SIZE, 416
        .set    YMM, 768                # upper halves of YMM0 to YMM15
        .set    YMM_SIZE, 256
        .set    MEMORY, 1024            # the two windows
        .set    LOW_SIZE, 512
        .set    HIGH_SIZE, 256

        # Memory of the snippets. What lies between these pages is unmapped.
        .set    CODE_PAGES, 0x10000000
        .set    CODE_PAGES_SIZE, 0x2000
        .set    DATA_PAGES, 0x10004000
        .set    DATA_PAGES_SIZE, 0x2000
        .set    LOW_WINDOW, 0x10005000 - 256
        .set    HIGH_WINDOW, 0x10006000 - 256
        .set    READ_ONLY_PAGE, 0x10008000
        .set    SHARED, 0x5a5b00000000
        .set    SHARED_SIZE, 0x400000
        .set    CODE_ALIAS, SHARED + SHARED_SIZE - CODE_PAGES_SIZE

        # struct ucontext and struct sigcontext.
        .set    UC_FLAGS, 0
        .set    UC_KEEP_SS, 6           # UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS
        .set    UC_REGISTERS, 40
        .set    UC_RIP, 168
        .set    UC_SEGMENTS, 184
        .set    UC_FPSTATE, 224
        .set    FPSTATE_FEATURES, 472   # what the kernel saves, in the reserved bytes of the FXSAVE image
        .set    XSTATE_BV, 512
        .set    XSTATE_YMM, 576

        .set    SYS_read, 0
        .set    SYS_write, 1
        .set    SYS_open, 2
        .set    SYS_mmap, 9
        .set    SYS_mprotect, 10
        .set    SYS_rt_sigaction, 13
        .set    SYS_rt_sigreturn, 15
        .set    SYS_setitimer, 38
        .set    SYS_exit, 60
        .set    SYS_sigaltstack, 131
        .set    SYS_modify_ldt, 154
        .set    SYS_prctl, 157
        .set    SIGTRAP, 5
        .set    SIGVTALRM, 26

        .text
image:
        .byte   0x7f, 'E', 'L', 'F', 2, 1, 1, 0
        .quad   0
        .short  2, 62                   # executable, x86-64
        .long   1
        .quad   start
        .quad   segment_headers - image
        .quad   0
        .long   0
        .short  64, 56, 2, 0, 0, 0
segment_headers:
        .long   1, 7                    # load, rwx
        .quad   0, image, image
        .quad   image_end - image, memory_end - image
        .quad   4096
        .long   0x6474e551, 6           # PT_GNU_STACK: not executable, and so nothing else is by READ_IMPLIES_EXEC
        .quad   0, 0, 0, 0, 0, 16

start:
        mov     16(%rsp), %rdi          # argv[1]
        mov     $2, %esi                # O_RDWR
        mov     $SYS_open, %eax
        syscall
        mov     %rax, %r8
        mov     $SHARED, %rdi
        mov     $SHARED_SIZE, %esi
        mov     $3, %edx                # read, write
        mov     $0x11, %r10d            # MAP_SHARED | MAP_FIXED
        call    map
        mov     $CODE_PAGES, %edi       # the file's last pages once more, executable and not writable
        mov     $CODE_PAGES_SIZE, %esi
        mov     $5, %edx
        mov     $SHARED_SIZE - CODE_PAGES_SIZE, %r9d
        call    map_file
        mov     $CODE_ALIAS, %rdi
        mov     $CODE_PAGES_SIZE, %ecx
        mov     $0xcc, %al
        rep stosb
        mov     $-1, %r8
        mov     $0x32, %r10d            # MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
        mov     $DATA_PAGES, %edi
        mov     $DATA_PAGES_SIZE, %esi
        mov     $3, %edx
        call    map
        mov     $READ_ONLY_PAGE, %edi
        mov     $4096, %esi
        call    map
        mov     $READ_ONLY_PAGE, %edi   # byte i is 37 * i + 11
        mov     $4096, %ecx
        mov     $11, %al
1:      stosb
        add     $37, %al
        loop    1b
        mov     $READ_ONLY_PAGE, %edi
        mov     $4096, %esi
        mov     $1, %edx
        mov     $SYS_mprotect, %eax
        syscall

        mov     $SHARED, %r15
        call    find_features
        call    load_segments
        lea     alternate_stack(%rip), %rdi
        xor     %esi, %esi
        mov     $SYS_sigaltstack, %eax
        syscall
        lea     signals(%rip), %rbx
2:      movzbl  (%rbx), %edi
        test    %edi, %edi
        jz      3f
        lea     action(%rip), %rsi
        xor     %edx, %edx
        mov     $8, %r10d
        mov     $SYS_rt_sigaction, %eax
        syscall
        inc     %rbx
        jmp     2b
3:      mov     $1, %edi                # ITIMER_VIRTUAL: a process that has to wait for a processor has no loop
        lea     timer(%rip), %rsi
        xor     %edx, %edx
        mov     $SYS_setitimer, %eax
        syscall
        mov     $59, %edi               # PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, all but this program
        mov     $1, %esi
        lea     image(%rip), %rdx
        mov     $memory_end - image, %r10d
        xor     %r8d, %r8d
        mov     $SYS_prctl, %eax
        syscall
        test    %rax, %rax
        jnz     next_batch
        orl     $HAS_DISPATCH, FEATURES(%r15)

next_batch:
        mov     $1, %edi
        mov     $SYS_write, %eax
        call    transfer
        xor     %edi, %edi
        mov     $SYS_read, %eax
        call    transfer
        mov     $SHARED, %r15
        cmpl    $0, COUNT(%r15)
        je      next_batch
        ud2                             # the handler goes on with the first record, and comes back here after the last
        jmp     next_batch

# One byte in or out; ends the program where the other side is gone.
transfer:
        lea     byte(%rip), %rsi
        mov     $1, %edx
        syscall
        cmp     $1, %rax
        jne     fail
        ret

map:    xor     %r9d, %r9d
map_file:
        mov     $SYS_mmap, %eax
        syscall
        cmp     %rdi, %rax
        jne     fail
        ret

fail:   mov     $1, %edi
        mov     $SYS_exit, %eax
        syscall

# The auxiliary vector, behind the arguments and the environment, has AT_HWCAP2 (26): bit 1 tells of FSGSBASE.
find_features:
        lea     8(%rsp), %rsi           # argc
        mov     (%rsi), %rax
        lea     16(%rsi,%rax,8), %rsi   # the environment
1:      lodsq
        test    %rax, %rax
        jnz     1b
2:      lodsq
        mov     %rax, %rcx
        lodsq
        test    %rcx, %rcx
        jz      3f
        cmp     $26, %rcx
        jne     2b
        test    $2, %al
        jz      3f
        orl     $HAS_FSGSBASE, FEATURES(%r15)
3:      mov     $1, %eax
        cpuid
        test    $1 << 28, %ecx
        jz      4f
        orl     $HAS_AVX, FEATURES(%r15)
4:      ret

# Segments for 16- and 32-bit snippets. A kernel or a host that has none of them refuses.
load_segments:
        lea     segment_table(%rip), %rbx
1:      mov     $0x11, %edi             # write, new format
        mov     %rbx, %rsi
        mov     $16, %edx
        mov     $SYS_modify_ldt, %eax
        syscall
        test    %eax, %eax
        jnz     2f
        add     $16, %rbx
        lea     segment_table_end(%rip), %rax
        cmp     %rax, %rbx
        jne     1b
        orl     $HAS_SEGMENTS, FEATURES(%r15)
2:      ret

# signal in EDI, siginfo in RSI, ucontext in RDX; the stack is the alternate one.
handler:
        pushfq
        andl    $~0x244000, (%rsp)      # AC: this code is not aligned; NT and ID: sigreturn would keep them
        popfq
        mov     %rdx, %rbp
        mov     %rsi, %r14
        mov     %edi, %r13d
        mov     $SHARED, %r15
        mov     record(%rip), %rbx      # 0: no batch is under way
        test    %rbx, %rbx
        jz      begin
        cmp     $SIGVTALRM, %edi
        je      alarm
        cmp     $SIGTRAP, %edi
        jne     save
        testl   $REPEAT, FLAGS(%rbx)    # one step of a repeated string instruction
        jz      save
        mov     UC_RIP(%rbp), %rax
        cmp     REGISTERS + UC_RIP - UC_REGISTERS(%rbx), %rax
        jne     save
        incq    steps(%rip)
        ret
alarm:                                  # a snippet that was there at the last alarm has a loop
        mov     entered(%rip), %rcx
        cmp     alarmed(%rip), %rcx
        mov     %rcx, alarmed(%rip)
        je      save
        ret

begin:  cmp     $SIGVTALRM, %edi
        je      1f
        lea     UC_REGISTERS(%rbp), %rsi
        lea     main_registers(%rip), %rdi
        mov     $IN_REGISTERS, %ecx
        rep movsq
        lea     RECORD(%r15), %rbx
        jmp     load
1:      ret

save:   mov     %r13d, OUT + FLAGS(%rbx)
        mov     8(%r14), %eax           # si_code
        mov     %eax, OUT + LENGTH(%rbx)
        mov     16(%r14), %rax          # si_addr
        mov     %rax, OUT + CODE(%rbx)
        mov     steps(%rip), %rax
        mov     %rax, OUT + CODE + 8(%rbx)
        mov     %ds, OUT + DATA_SEGMENTS(%rbx)
        mov     %es, OUT + DATA_SEGMENTS + 2(%rbx)
        mov     %fs, OUT + DATA_SEGMENTS + 4(%rbx)
        mov     %gs, OUT + DATA_SEGMENTS + 6(%rbx)
        testl   $HAS_FSGSBASE, FEATURES(%r15)
        jz      1f
        rdfsbase %rax
        mov     %rax, OUT + FS_BASE(%rbx)
        rdgsbase %rax
        mov     %rax, OUT + GS_BASE(%rbx)
1:      mov     $0x2b, %eax
        mov     %eax, %ds
        mov     %eax, %es
        xor     %eax, %eax              # a selector that is left there would be used with its own base
        mov     %eax, %fs
        mov     %eax, %gs
        lea     UC_REGISTERS(%rbp), %rsi
        lea     OUT + REGISTERS(%rbx), %rdi
        mov     $OUT_REGISTERS, %ecx
        rep movsq
        mov     UC_FPSTATE(%rbp), %r12
        mov     %r12, %rsi
        lea     OUT + FX(%rbx), %rdi
        mov     $FX_SIZE / 8, %ecx
        rep movsq
        testl   $HAS_AVX, FEATURES(%r15)
        jz      2f
        lea     XSTATE_YMM(%r12), %rsi
        lea     OUT + YMM(%rbx), %rdi
        mov     $YMM_SIZE / 8, %ecx
        rep movsq
2:      mov     $LOW_WINDOW, %esi
        lea     OUT + MEMORY(%rbx), %rdi
        mov     $LOW_SIZE / 8, %ecx
        rep movsq
        mov     $HIGH_WINDOW, %esi
        mov     $HIGH_SIZE / 8, %ecx
        rep movsq
        mov     PLACE(%rbx), %rdi       # no leftovers in the code pages
        add     writable(%rip), %rdi
        mov     LENGTH(%rbx), %ecx
        mov     $0xcc, %al
        rep stosb
        add     $RECORD, %rbx
        decl    COUNT(%r15)
        jz      end

# Enters the record at RBX.
load:   mov     %rbx, record(%rip)
        incq    entered(%rip)
        movq    $0, steps(%rip)
        mov     PLACE(%rbx), %rdi
        add     writable(%rip), %rdi
        lea     CODE(%rbx), %rsi
        mov     LENGTH(%rbx), %ecx
        rep movsb
        mov     $DATA_PAGES, %edi
        mov     $DATA_PAGES_SIZE / 8, %ecx
        xor     %eax, %eax
        rep stosq
        lea     MEMORY(%rbx), %rsi
        mov     $LOW_WINDOW, %edi
        mov     $LOW_SIZE / 8, %ecx
        rep movsq
        mov     $HIGH_WINDOW, %edi
        mov     $HIGH_SIZE / 8, %ecx
        rep movsq
        mov     UC_FPSTATE(%rbp), %r12
        mov     %r12, %rdi
        lea     FX(%rbx), %rsi
        mov     $FX_SIZE / 8, %ecx
        rep movsq
        mov     FPSTATE_FEATURES(%r12), %rax
        and     $7, %eax                # x87, SSE, AVX: the rest is as after a reset
        mov     %rax, XSTATE_BV(%r12)
        testl   $HAS_AVX, FEATURES(%r15)
        jz      1f
        lea     XSTATE_YMM(%r12), %rdi
        lea     YMM(%rbx), %rsi
        mov     $YMM_SIZE / 8, %ecx
        rep movsq
1:      testl   $HAS_FSGSBASE, FEATURES(%r15)
        jz      2f
        mov     FS_BASE(%rbx), %rax
        wrfsbase %rax
        mov     GS_BASE(%rbx), %rax
        wrgsbase %rax
2:      lea     REGISTERS(%rbx), %rsi
        lea     UC_REGISTERS(%rbp), %rdi
        mov     $IN_REGISTERS, %ecx
        rep movsq
        orl     $UC_KEEP_SS, UC_FLAGS(%rbp)
        mov     DATA_SEGMENTS(%rbx), %ds
        mov     DATA_SEGMENTS + 2(%rbx), %es
        ret

end:    movq    $0, record(%rip)
        lea     main_registers(%rip), %rsi
        lea     UC_REGISTERS(%rbp), %rdi
        mov     $IN_REGISTERS, %ecx
        rep movsq
        addq    $2, UC_RIP(%rbp)        # behind UD2
        orl     $UC_KEEP_SS, UC_FLAGS(%rbp)
        ret

return: mov     $SYS_rt_sigreturn, %eax
        syscall

signals:
        .byte   4, 5, 7, 8, 11, 26, 31, 0 # ILL TRAP BUS FPE SEGV VTALRM SYS

        .balign 8
writable:
        .quad   CODE_ALIAS - CODE_PAGES
action: .quad   handler
        .quad   0x1c000004              # SA_SIGINFO | SA_ONSTACK | SA_RESTORER | SA_RESTART
        .quad   return
        .quad   -1                      # nothing interrupts the handler

alternate_stack:
        .quad   stack
        .long   0, 0
        .quad   stack_end - stack

timer:  .quad   0, 50000, 0, 50000      # 50 ms

# struct user_desc: number, base, limit, bits (1 seg_32bit, 2 contents, 8 read_exec_only, 16 limit_in_pages, 64 useable)
segment_table:
        .long   0, CODE_PAGES, 0xffff, 2 << 1 | 64      # 07: 16-bit code
        .long   1, CODE_PAGES, 0xffff, 0 << 1 | 64      # 0F: 16-bit data
        .long   2, CODE_PAGES, 0xffff, 2 << 1 | 65      # 17: 32-bit code
        .long   3, CODE_PAGES, 0x507f, 0 << 1 | 65      # 1F: 32-bit data that ends in the low window
        .long   4, CODE_PAGES, 0x4f7f, 1 << 1 | 65      # 27: data that expand down, 32 bits
        .long   5, CODE_PAGES, 0xffff, 0 << 1 | 73      # 2F: data that are read-only
segment_table_end:

image_end:
        .bss
        .balign 64
record: .skip   8
steps:  .skip   8
entered: .skip  8               # records so far
alarmed: .skip  8               # that number at the last alarm
byte:   .skip   8
main_registers:
        .skip   8 * IN_REGISTERS
        .balign 64
stack:  .skip   65536
stack_end:
memory_end:
