# The local APIC: registers, timer (one-shot, periodic, masked), interrupt to itself, priority.
#
# Link at 0x100000

    .include "guest.inc"

LAPIC_VERSION = LAPIC + 0x30
LAPIC_TPR = LAPIC + 0x80
LAPIC_TIMER = LAPIC + 0x320
TIMER_INITIAL = LAPIC + 0x380
TIMER_CURRENT = LAPIC + 0x390
TIMER_DIVIDE = LAPIC + 0x3e0
PERIODIC = 0x20000
MASKED = 0x10000
VECTOR = IRQ_BASE + 16
COUNT = 10000000                # 10 ms at 1 GHz divided by 1

main:
    call pic_setup
    call lapic_setup
    mov LAPIC_ID, %eax
    shr $24, %eax
    expect "id of the first CPU", $0
    mov LAPIC_VERSION, %eax
    and $0xf0, %eax
    expect "an integrated APIC", $0x10

    gate $VECTOR, timer_interrupt
    gate $VECTOR+1, own_interrupt
    movl $0x0b, TIMER_DIVIDE
    movl $VECTOR, LAPIC_TIMER
    sti
    movl $100 * COUNT, TIMER_INITIAL
    mov TIMER_CURRENT, %eax
    dec %eax
    cmp $100 * COUNT, %eax
    expect_flag b, "the timer counts down"
    movl $COUNT, TIMER_INITIAL
    await timer_interrupt_count, $1
    call settle
    call settle
    mov timer_interrupt_count, %eax
    expect "a one-shot timer interrupts once", $1
    mov TIMER_CURRENT, %eax
    expect "and stands at zero", $0

    movl $VECTOR + PERIODIC, LAPIC_TIMER
    movl $COUNT, TIMER_INITIAL
    await timer_interrupt_count, $5
    movl $0, TIMER_INITIAL
    expect_at_least "a periodic timer comes again", $5
    call settle
    movl $0, timer_interrupt_count
    movl $VECTOR + MASKED, LAPIC_TIMER
    movl $COUNT / 16, TIMER_INITIAL
    call settle
    mov timer_interrupt_count, %eax
    expect "a masked timer does not interrupt", $0

    movl $0x40000 + VECTOR + 1, LAPIC_ICR
    await own_interrupt_count, $1
    expect "an interrupt to itself", $1
    movl $VECTOR & 0xf0, LAPIC_TPR
    movl $0x40000 + VECTOR + 1, LAPIC_ICR
    call settle
    mov own_interrupt_count, %eax
    expect "task priority holds it back", $1
    movl $0, LAPIC_TPR
    await own_interrupt_count, $2
    expect "it comes when the priority falls", $2
    ret

    counting_handler timer_interrupt, lapic
    counting_handler own_interrupt, lapic
