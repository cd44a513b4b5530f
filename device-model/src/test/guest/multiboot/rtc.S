# The real-time clock: a plausible time in its registers, memory size in CMOS, periodic, update-ended and alarm
# interrupts.
#
# Link at 0x100000

    .include "guest.inc"

INDEX = 0x70
CMOS_DATA = 0x71
PERIODIC = 0x40
ALARM = 0x20
UPDATE_ENDED = 0x10
MODE_24H = 0x02

.macro read_cmos register:req
    mov $\register, %al
    call cmos_read
.endm

.macro write_cmos register:req, value:req
    mov $\register, %al
    mov \value, %ah
    call cmos_write
.endm

main:
    call pic_setup
    gate $IRQ_BASE+8, clock_interrupt
    read_cmos 0x0b
    and $0x07, %eax
    expect "BCD and 24 hours", $MODE_24H
    read_cmos 0x0d
    and $0x80, %eax
    expect "the battery is good", $0x80
    read_cmos 0x0a
    and $0x70, %eax
    expect "the time base runs", $0x20

    read_cmos 0x00
    cmp $0x59, %eax
    expect_flag be, "seconds"
    read_cmos 0x02
    cmp $0x59, %eax
    expect_flag be, "minutes"
    read_cmos 0x04
    cmp $0x23, %eax
    expect_flag be, "hours"
    read_cmos 0x07
    dec %eax
    cmp $0x30, %eax
    expect_flag be, "day of the month"
    read_cmos 0x08
    dec %eax
    cmp $0x11, %eax
    expect_flag be, "month"
    read_cmos 0x32
    expect "century", $0x20

    read_cmos 0x34
    mov %eax, %ebx
    read_cmos 0x35
    shl $8, %eax
    or %ebx, %eax
    expect "64 KiB units of memory above 16 MiB", $768

    write_cmos 0x50, $0x5a
    read_cmos 0x50
    expect "CMOS memory holds what is written", $0x5a

    # 1024 Hz.
    mov $0xfe, %al
    out %al, $PIC2_DATA
    mov $0xfb, %al
    out %al, $PIC1_DATA
    write_cmos 0x0a, $0x26
    read_cmos 0x0c
    write_cmos 0x0b, $MODE_24H | PERIODIC
    sti
    await clock_interrupt_count, $8
    cli
    mov %eax, %ebx
    write_cmos 0x0b, $MODE_24H
    read_cmos 0x0c
    mov %ebx, %eax
    expect_at_least "periodic interrupts", $8
    mov causes, %eax
    and $0xc0, %eax
    expect "register C names the periodic interrupt", $0xc0

    # An alarm of wildcards and the end of an update: both once a second. A second may have begun before all is set.
    write_cmos 0x01, $0xc0
    write_cmos 0x03, $0xc0
    write_cmos 0x05, $0xc0
    write_cmos 0x0b, $MODE_24H | ALARM | UPDATE_ENDED
    sti
    await both_count, $1
    cli
    write_cmos 0x0b, $MODE_24H
    mov both_count, %eax
    expect "alarm and update interrupt", $1
    ret

cmos_read:
    out %al, $INDEX
    xor %eax, %eax
    in $CMOS_DATA, %al
    ret

cmos_write:
    out %al, $INDEX
    mov %ah, %al
    out %al, $CMOS_DATA
    ret

clock_interrupt:
    push %eax
    read_cmos 0x0c
    or %eax, causes
    incl clock_interrupt_count
    and $0xb0, %eax
    cmp $0xb0, %eax
    jne .Lnot_both
    incl both_count
.Lnot_both:
    end_interrupt pic2
    return_from_interrupt

    data
    .balign 4
clock_interrupt_count:
    .long 0
causes:
    .long 0
both_count:
    .long 0
