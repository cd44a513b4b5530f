# The interrupt controllers of the PC: masks, request and service registers, edge and level lines, specific EOI. pc-
# testdev drives the lines.
#
# Link at 0x100000

    .include "guest.inc"

LINES = 0x2000
READ_IRR = 0x0a
READ_ISR = 0x0b

main:
    call pic_setup
    mov $0x5a, %al
    out %al, $PIC1_DATA
    xor %eax, %eax
    in $PIC1_DATA, %al
    expect "mask of the first PIC", $0x5a
    mov $0xfb, %al
    out %al, $PIC1_DATA

    gate $IRQ_BASE+11, edge_interrupt
    gate $IRQ_BASE+10, level_interrupt
    gate $IRQ_BASE+5, serviced_interrupt
    sti
    out_byte LINES+11, $1
    mov $READ_IRR, %al
    out %al, $PIC2_COMMAND
    xor %eax, %eax
    in $PIC2_COMMAND, %al
    and $0x08, %eax
    expect "a masked line is requested", $0x08
    mov edge_interrupt_count, %eax
    expect "a masked line does not interrupt", $0
    mov $0xf7, %al
    out %al, $PIC2_DATA
    await edge_interrupt_count, $1
    call settle
    mov edge_interrupt_count, %eax
    expect "unmasked it interrupts, once", $1
    out_byte LINES+11, $0

    # A level line comes again until its handler lowers it the third time.
    out_byte ELCR1+1, $0x04
    in_byte ELCR1+1
    and $0x0c, %eax
    expect "line 10 is level-triggered", $0x04
    mov $0xfb, %al
    out %al, $PIC2_DATA
    out_byte LINES+10, $1
    await level_interrupt_count, $3
    call settle
    mov level_interrupt_count, %eax
    expect "a level line interrupts until it is lowered", $3

    # Line 5 of the first PIC, left in service, keeps line 6 away until its specific EOI.
    gate $IRQ_BASE+6, waiting_interrupt
    mov $0x9f, %al
    out %al, $PIC1_DATA
    out_byte LINES+5, $1
    await serviced_interrupt_count, $1
    out_byte LINES+6, $1
    call settle
    mov waiting_interrupt_count, %eax
    expect "a lower priority waits", $0
    mov $READ_ISR, %al
    out %al, $PIC1_COMMAND
    xor %eax, %eax
    in $PIC1_COMMAND, %al
    expect "line 5 is in service", $0x20
    mov $0x65, %al
    out %al, $PIC1_COMMAND
    await waiting_interrupt_count, $1
    expect "it comes after the specific EOI", $1
    out_byte LINES+5, $0
    out_byte LINES+6, $0
    ret

    counting_handler edge_interrupt, pic2
    counting_handler serviced_interrupt, none
    counting_handler waiting_interrupt, pic1

level_interrupt:
    push %eax
    push %edx
    incl level_interrupt_count
    cmpl $3, level_interrupt_count
    jne .Lstays_up
    out_byte LINES+10, $0
.Lstays_up:
    end_interrupt pic2
    pop %edx
    return_from_interrupt

    data
    .balign 4
level_interrupt_count:
    .long 0
