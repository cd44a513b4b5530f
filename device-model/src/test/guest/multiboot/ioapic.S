# The IOAPIC: its registers, masked and edge lines, a level line with EOI, a mask while the line is up. pc-testdev
# drives the lines.
#
# Link at 0x100000

    .include "guest.inc"

LINES = 0x2000
ENTRY10 = 0x10 + 2 * 10
ENTRY11 = 0x10 + 2 * 11
LEVEL = 0x8000
MASKED = 0x10000
REMOTE_IRR = 0x4000
VECTOR = IRQ_BASE + 16

.macro entry number:req, value:req
    mov \number, %ecx
    mov \value, %eax
    call ioapic_write
.endm

main:
    call pic_setup
    call lapic_setup
    mov $1, %ecx
    call ioapic_read
    shr $16, %eax
    and $0xff, %eax
    expect "entries but one", $23
    entry $ENTRY11+1, $0x03000000
    entry $ENTRY11, $MASKED + LEVEL + 0x55
    mov $ENTRY11, %ecx
    call ioapic_read
    expect "an entry holds what is written", $MASKED + LEVEL + 0x55
    mov $ENTRY11+1, %ecx
    call ioapic_read
    shr $24, %eax
    expect "its destination too", $3

    gate $VECTOR, edge_interrupt
    gate $VECTOR+1, level_interrupt
    mov LAPIC_ID, %ebx
    and $0xff000000, %ebx
    entry $ENTRY11+1, %ebx
    entry $ENTRY10+1, %ebx
    entry $ENTRY11, $MASKED + VECTOR
    sti
    out_byte LINES+11, $1
    out_byte LINES+11, $0
    call settle
    mov edge_interrupt_count, %eax
    expect "a masked line does not interrupt", $0
    entry $ENTRY11, $VECTOR
    out_byte LINES+11, $1
    await edge_interrupt_count, $1
    call settle
    mov edge_interrupt_count, %eax
    expect "one interrupt for an edge", $1
    out_byte LINES+11, $0
    out_byte LINES+11, $1
    await edge_interrupt_count, $2
    expect "and one for the next", $2
    out_byte LINES+11, $0

    # A level line comes again after each EOI, until its handler lowers it the third time. One more may be on its way by
    # then: a KVM that emulates instructions ends an interrupt as it delivers it.
    entry $ENTRY10, $LEVEL + VECTOR + 1
    out_byte LINES+10, $1
    await level_interrupt_count, $3
    expect_at_least "a level line interrupts again and again", $3
    call settle
    mov level_interrupt_count, %ebx
    call settle
    mov level_interrupt_count, %eax
    expect "until it is lowered", %ebx
    mov remote_irr, %eax
    expect "remote IRR before the EOI", $REMOTE_IRR
    mov $ENTRY10, %ecx
    call ioapic_read
    and $REMOTE_IRR, %eax
    expect "no remote IRR after the EOI", $0

    # Raised while masked, a level line waits for the mask to go.
    movl $2, level_interrupt_count
    entry $ENTRY10, $MASKED + LEVEL + VECTOR + 1
    out_byte LINES+10, $1
    call settle
    mov level_interrupt_count, %eax
    expect "a masked level line waits", $2
    entry $ENTRY10, $LEVEL + VECTOR + 1
    await level_interrupt_count, $3
    expect_at_least "unmasked it interrupts", $3
    cli
    entry $ENTRY10, $MASKED
    entry $ENTRY11, $MASKED
    ret

    counting_handler edge_interrupt, lapic

level_interrupt:
    push %eax
    push %edx
    push %ecx
    incl level_interrupt_count
    mov $ENTRY10, %ecx
    call ioapic_read
    and $REMOTE_IRR, %eax
    or %eax, remote_irr
    cmpl $3, level_interrupt_count
    jb .Lstays_up
    out_byte LINES+10, $0
.Lstays_up:
    end_interrupt lapic
    pop %ecx
    pop %edx
    return_from_interrupt

    data
    .balign 4
level_interrupt_count:
    .long 0
remote_irr:
    .long 0
