# A second CPU: INIT and start-up interrupt, fixed interrupts both ways, HLT that an interrupt ends.
#
# Link at 0x100000

    .include "guest.inc"

TRAMPOLINE = 0x8000
ICR_FIXED = 0x4000
ICR_INIT = 0x4500
ICR_INIT_DEASSERT = 0x8500
ICR_STARTUP = 0x4600 + TRAMPOLINE / 0x1000
VECTOR = IRQ_BASE + 16

main:
    call pic_setup
    call lapic_setup
    gate $VECTOR, first_cpu_interrupt
    gate $VECTOR+1, second_cpu_interrupt
    mov LAPIC_ID, %eax
    shr $24, %eax
    expect "id of the first CPU", $0

    cld
    mov $trampoline, %esi
    mov $TRAMPOLINE, %edi
    mov $trampoline_end - trampoline, %ecx
    rep movsb
    movl $0x01000000, LAPIC_ICR_HIGH
    movl $ICR_INIT, LAPIC_ICR
    call settle
    movl $0x01000000, LAPIC_ICR_HIGH
    movl $ICR_STARTUP, LAPIC_ICR
    call settle
    movl $0x01000000, LAPIC_ICR_HIGH
    movl $ICR_STARTUP, LAPIC_ICR
    await second_cpu_up, $1
    expect "the second CPU starts, once", $1
    mov second_cpu_id, %eax
    expect "its id", $1

    sti
    await first_cpu_interrupt_count, $1
    expect "an interrupt from the second CPU", $1
    mov $3, %ebx
.Lagain:
    movl $0x01000000, LAPIC_ICR_HIGH
    movl $ICR_FIXED + VECTOR + 1, LAPIC_ICR
    mov $4, %ecx
    sub %ebx, %ecx
    mov $second_cpu_interrupt_count, %edi
    call await_counter
    # Not before the second CPU is past its HLT: an interrupt on the way there would end none.
    mov $4, %ecx
    sub %ebx, %ecx
    mov $woken, %edi
    call await_counter
    dec %ebx
    jnz .Lagain
    mov second_cpu_interrupt_count, %eax
    expect "three interrupts to the second CPU", $3
    await woken, $3
    expect_at_least "each ends its HLT", $3

    # To all but itself, by shorthand.
    movl $0xc0000 + ICR_FIXED + VECTOR + 1, LAPIC_ICR
    await second_cpu_interrupt_count, $4
    expect "an interrupt to all others", $4
    mov first_cpu_interrupt_count, %eax
    expect "none of them to the first CPU", $1
    cli
    ret

    counting_handler first_cpu_interrupt, lapic
    counting_handler second_cpu_interrupt, lapic

second_cpu:
    mov $DATA_SELECTOR, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $second_stack_top, %esp
    lidt idt_pointer
    call lapic_setup
    mov LAPIC_ID, %eax
    shr $24, %eax
    mov %eax, second_cpu_id
    lock incl second_cpu_up
    movl $0, LAPIC_ICR_HIGH
    movl $ICR_FIXED + VECTOR, LAPIC_ICR
.Lsleep:
    sti
    hlt
    cli
    incl woken
    jmp .Lsleep

# Runs at TRAMPOLINE in real mode.
    .code16
trampoline:
    cli
    mov %cs, %ax
    mov %ax, %ds
    lgdtl trampoline_gdt_pointer - trampoline
    mov %cr0, %eax
    or $1, %al
    mov %eax, %cr0
    ljmpl $CODE_SELECTOR, $second_cpu
trampoline_gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt
trampoline_end:
    .code32

    data
    .balign 4
second_cpu_up:
    .long 0
second_cpu_id:
    .long -1
woken:
    .long 0
    .skip 512
second_stack_top:
