# The guest of `jkvm demo`: walks real, protected and long mode, says so on the first serial port, takes timer
# interrupts from its local APIC in long mode, touches memory and ports where nothing answers, and ends through port
# 0xf4. It needs 1 MiB of RAM, interrupt controllers in the kernel, and to be entered in real mode with all segments
# at zero. It keeps to instructions that KVM's emulator knows in every mode, and to few of them.
#
# Link at 0x8000

COM1 = 0x3f8
DEBUG_EXIT = 0xf4
NOBODYS_PORT = 0x123
NOBODYS_MEMORY = 0xd0000000
PML4 = 0x1000                   # three pages of tables: the first GiB by 2 MiB pages, the fourth by its APIC's page
PDPT = 0x2000
LOW_DIRECTORY = 0x3000
HIGH_DIRECTORY = 0x4000
IDT = 0x5000
STACK_TOP = 0x7000
LAPIC = 0xfee00000
LAPIC_EOI = LAPIC + 0xb0
LAPIC_SVR = LAPIC + 0xf0
LAPIC_TIMER = LAPIC + 0x320
TIMER_INITIAL = LAPIC + 0x380
TIMER_DIVIDE = LAPIC + 0x3e0
TIMER_VECTOR = 0x20
TICKS = 5
TICK = 20000000                 # 20 ms at KVM's 1 GHz
CODE32 = 0x08
DATA = 0x10
CODE64 = 0x18

.macro say text:req
    .pushsection .text, 1
.Ltext\@:
    .asciz "\text"
    .popsection
    mov $.Ltext\@, %esi
    call puts
.endm

# Prints the string at %si or %esi. Ready is asked once a string: this port's transmitter is always empty.
.macro puts_routine pointer:req
    mov $COM1 + 5, %edx
.Lbusy\@:
    in %dx, %al
    test $0x20, %al
    jz .Lbusy\@
    mov $COM1, %edx
.Lnext\@:
    mov (\pointer), %al
    test %al, %al
    jz .Lend\@
    out %al, %dx
    inc \pointer
    jmp .Lnext\@
.Lend\@:
    ret
.endm

    .text 0
    .code16
    cli
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $STACK_TOP, %esp
    mov $real_text, %esi
    call puts16
    lgdtl gdt_pointer
    mov %cr0, %eax
    or $1, %al
    mov %eax, %cr0
    ljmpl $CODE32, $protected

puts16:
    puts_routine %si

    .code32
protected:
    mov $DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $protected_text, %esi
    call puts32

    # RAM starts as zeroes; entries that are not written are not present.
    movl $PDPT + 3, PML4
    movl $LOW_DIRECTORY + 3, PDPT
    movl $HIGH_DIRECTORY + 3, PDPT + 3 * 8
    movl $0x83, LOW_DIRECTORY
    movl $0xd0000083, HIGH_DIRECTORY + 0x80 * 8
    movl $0xfee00083, HIGH_DIRECTORY + 0x1f7 * 8
    mov $PML4, %eax
    mov %eax, %cr3
    mov %cr4, %eax
    or $0x20, %eax
    mov %eax, %cr4
    mov $0xc0000080, %ecx
    rdmsr
    or $0x100, %eax
    wrmsr
    mov %cr0, %eax
    or $0x80000000, %eax
    mov %eax, %cr0
    ljmp $CODE64, $long

puts32:
    puts_routine %esi

    .code64
long:
    mov $STACK_TOP, %rsp
    say "long mode, paging on\n"

    # Interrupts of the timer.
    mov $tick, %eax
    mov %ax, IDT + TIMER_VECTOR * 16
    movw $CODE64, IDT + TIMER_VECTOR * 16 + 2
    movw $0x8e00, IDT + TIMER_VECTOR * 16 + 4
    lidt idt_pointer
    mov $LAPIC, %ebx
    movl $0x10000, 0x350(%rbx)
    movl $0x1ff, LAPIC_SVR - LAPIC(%rbx)
    movl $0x0b, TIMER_DIVIDE - LAPIC(%rbx)
    movl $0x20000 + TIMER_VECTOR, LAPIC_TIMER - LAPIC(%rbx)
    movl $TICK, TIMER_INITIAL - LAPIC(%rbx)
    xor %r12d, %r12d
.Lsleep:
    sti
    hlt
    cli
    cmp %r12d, ticks
    je .Lsleep
    inc %r12d
    say "tick "
    mov %r12d, %eax
    add $'0', %al
    mov $COM1, %edx
    out %al, %dx
    mov $'\n', %al
    out %al, %dx
    cmp $TICKS, %r12d
    jne .Lsleep
    movl $0, TIMER_INITIAL - LAPIC(%rbx)

    say "touching memory and a port where nothing answers\n"
    mov $NOBODYS_MEMORY, %ebx
    mov $4, %ecx
.Ltouch:
    mov %ecx, (%rbx)
    mov (%rbx), %eax
    mov $NOBODYS_PORT, %edx
    in %dx, %al
    dec %ecx
    jnz .Ltouch
    out %al, $0x80
    say "done\n"
    xor %eax, %eax
    out %al, $DEBUG_EXIT
.Lstopped:
    hlt
    jmp .Lstopped

puts:
    puts_routine %rsi

# Counts, and returns as IRETQ would to this program's own code: KVM's instruction emulator has IRET in real mode only.
# The processor put RIP, CS, RFLAGS, RSP, SS on the stack.
tick:
    push %rax
    push %rbx
    incl ticks
    mov $LAPIC_EOI, %eax
    movl $0, (%rax)
    mov 40(%rsp), %rbx          # the interrupted stack, with address and flags put on top of it
    sub $16, %rbx
    mov 16(%rsp), %rax
    mov %rax, 8(%rbx)
    mov 32(%rsp), %rax
    mov %rax, (%rbx)
    mov 8(%rsp), %rax
    push %rbx
    mov 8(%rsp), %rbx
    pop %rsp
    popf
    ret

    .text 1
real_text:
    .asciz "real mode\n"
protected_text:
    .asciz "protected mode\n"
    .balign 8, 0
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff    # CODE32
    .quad 0x00cf93000000ffff    # DATA
    .quad 0x00af9b000000ffff    # CODE64
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt
idt_pointer:
    .word 64 * 16 - 1
    .quad IDT
    .balign 4, 0
ticks:
    .long 0
