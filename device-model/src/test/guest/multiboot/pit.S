# The interval timer: channel 0 through the PIC and through the IOAPIC, channel 2 with its gate, read-back.
#
# Link at 0x100000

    .include "guest.inc"

CHANNEL0 = 0x40
CHANNEL2 = 0x42
CONTROL = 0x43
GATE = 0x61
RELOAD = 11932                  # 10 ms

main:
    call pic_setup
    gate $IRQ_BASE, tick_by_pic
    gate $IRQ_BASE+16, tick_by_ioapic
    out_byte CONTROL, $0x34
    out_byte CHANNEL0, $RELOAD & 0xff
    out_byte CHANNEL0, $RELOAD >> 8
    mov $0xfe, %al
    out %al, $PIC1_DATA
    sti
    await tick_by_pic_count, $5
    cli
    expect_at_least "ticks through the PIC", $5

    mov $0xff, %al
    out %al, $PIC1_DATA
    call lapic_setup
    mov $0x15, %ecx
    mov LAPIC_ID, %eax
    and $0xff000000, %eax
    call ioapic_write
    mov $0x14, %ecx
    mov $IRQ_BASE+16, %eax
    call ioapic_write
    sti
    await tick_by_ioapic_count, $5
    cli
    expect_at_least "ticks through the IOAPIC", $5
    mov $0x14, %ecx
    mov $0x10000, %eax
    call ioapic_write

    # Channel 2, mode 0 from 0xffff down: its output rises at the end. On a busy host that is over before the guest has
    # looked twice: a few attempts.
    in_byte GATE
    and $0xfc, %al
    or $0x01, %al
    out %al, %dx
    movl $10, attempts
.Lattempt:
    out_byte CONTROL, $0xb0
    out_byte CHANNEL2, $0xff
    out_byte CHANNEL2, $0xff
    call count2
    mov %eax, %ebx
    call settle
    call count2
    mov %eax, %ebp
    in_byte GATE
    and $0x20, %eax
    mov %eax, %edi
    jnz .Lover
    cmp %ebx, %ebp
    jb .Lseen
.Lover:
    decl attempts
    jnz .Lattempt
.Lseen:
    cmp %ebx, %ebp
    expect_flag b, "channel 2 counts down"
    mov %edi, %eax
    expect "output low while it counts", $0

    out_byte CONTROL, $0xe8
    in_byte CHANNEL2
    and $0x3f, %eax
    expect "status of channel 2 by read-back", $0x30

    out_byte CONTROL, $0xb0
    out_byte CHANNEL2, $0xa9
    out_byte CHANNEL2, $0x04
    mov $8, %ebx
.Lone_shot:
    call settle
    in_byte GATE
    test $0x20, %al
    jnz .Lrisen
    dec %ebx
    jnz .Lone_shot
.Lrisen:
    and $0x20, %eax
    expect "output high when it has counted to zero", $0x20
    ret

# Latches and reads the count of channel 2.
count2:
    out_byte CONTROL, $0x80
    xor %ecx, %ecx
    in_byte CHANNEL2
    mov %al, %cl
    in_byte CHANNEL2
    mov %al, %ch
    mov %ecx, %eax
    ret

    counting_handler tick_by_pic, pic1
    counting_handler tick_by_ioapic, lapic

    data
    .balign 4
attempts:
    .long 0
