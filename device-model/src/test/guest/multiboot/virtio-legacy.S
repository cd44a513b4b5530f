# The entropy device in slot 5 by the interface of virtio 0.9.5: ports of BAR 0, a queue named by its page, completion by
# the pin's interrupt status, reset.
# Link at 0x100000

    .include "guest.inc"

DEVICE = 5 << 11
DEVICE_FEATURES = 0
QUEUE_PAGE = 8
QUEUE_SIZE = 12
QUEUE_SELECT = 14
NOTIFY = 16
STATUS = 18
ISR = 19
QUEUE_ENTRIES = 8
LENGTH = 64
RINGS = 0x200000                # one page of descriptors and available ring, one of used ring
USED = RINGS + 0x1000
BUFFER = 0x210000

# The port REGISTER of the device in %edx.
    .macro port register
    mov io_base, %edx
    add $\register, %edx
    .endm

    .macro write_port register, value
    port \register
    mov \value, %eax
    out %al, %dx
    .endm

main:
    config_read DEVICE, 0
    expect "transitional entropy device", $0x10051af4
    config_read DEVICE, 8
    and $0xff, %eax
    expect "revision", $0
    config_read DEVICE, 0x2c
    expect "subsystem tells the type", $0x00041af4
    config_write DEVICE, 0x10, $0xffffffff
    config_read DEVICE, 0x10
    expect "32 ports", $0xffffffe1
    config_write DEVICE, 0x10, $0xc040
    config_write DEVICE, 4, $1
    movl $0xc040, io_base

    write_port STATUS, $0
    write_port STATUS, $1
    write_port STATUS, $3
    config_read DEVICE, 4
    and $4, %eax
    expect "the device became a bus master", $4
    port DEVICE_FEATURES
    in %dx, %eax
    expect "features", $0x79000000
    port QUEUE_SELECT
    xor %eax, %eax
    out %ax, %dx
    port QUEUE_SIZE
    xor %eax, %eax
    in %dx, %ax
    expect "entries of queue 0", $QUEUE_ENTRIES
    port QUEUE_PAGE
    in %dx, %eax
    expect "no queue yet", $0
    mov $RINGS / 4, %edi
.Lclear:
    movl $0, (,%edi,4)
    inc %edi
    cmp $(RINGS + 0x2000) / 4, %edi
    jne .Lclear
    movl $BUFFER, RINGS
    movl $LENGTH, RINGS + 8
    movw $2, RINGS + 12         # the device writes; no next
    port QUEUE_PAGE
    mov $RINGS >> 12, %eax
    out %eax, %dx
    in %dx, %eax
    expect "the queue's page", $RINGS >> 12
    write_port STATUS, $7

    movw $1, RINGS + 16 * QUEUE_ENTRIES + 2
    port NOTIFY
    xor %eax, %eax
    out %ax, %dx
    await USED, $0x10000
    shr $16, %eax
    expect "one request is complete", $1
    mov USED + 8, %eax
    expect "all of the buffer is filled", $LENGTH
    call settle
    port ISR
    xor %eax, %eax
    in %dx, %al
    expect "the interrupt status tells of a queue", $1
    port ISR
    xor %eax, %eax
    in %dx, %al
    expect "reading clears it", $0

    write_port STATUS, $0
    port STATUS
    xor %eax, %eax
    in %dx, %al
    expect "a reset is complete at once", $0
    port QUEUE_PAGE
    in %dx, %eax
    expect "and the queue is gone", $0
    ret

    data
    .balign 4
io_base:
    .long 0
    code
