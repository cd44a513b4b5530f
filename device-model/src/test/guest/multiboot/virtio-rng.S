# The entropy device in slot 5 through the PCI transport: reset, features, a queue, a notification, completion with a
# message (MSI-X vector 1), the mask of that vector.
# Link at 0x100000

    .include "guest.inc"

DEVICE = 5 << 11
DEVICE_FEATURE_SELECT = 0x00    # common configuration, in BAR 4
DEVICE_FEATURE = 0x04
DRIVER_FEATURE_SELECT = 0x08
DRIVER_FEATURE = 0x0c
STATUS = 0x14
QUEUE_SELECT = 0x16
QUEUE_SIZE = 0x18
QUEUE_VECTOR = 0x1a
QUEUE_ENABLE = 0x1c
QUEUE_DESCRIPTORS = 0x20
QUEUE_DRIVER = 0x28
QUEUE_DEVICE = 0x30
NOTIFY = 0x3000
MSIX_CAPABILITY = 0x98
VECTOR_1 = 16                   # in the table, at the start of BAR 1
PENDING = 0x800
INTERRUPT_VECTOR = 0x30
QUEUE_ENTRIES = 8
LENGTH = 64

main:
    config_read DEVICE, 0
    expect "entropy device", $0x10441af4
    config_write DEVICE, 4, $6
    config_write DEVICE, MSIX_CAPABILITY, $0x80000000
    config_read DEVICE, 0x14
    and $~0xf, %eax
    mov %eax, table
    config_read DEVICE, 0x20
    and $~0xf, %eax
    mov %eax, %ebx

    call lapic_setup
    gate $INTERRUPT_VECTOR, message
    mov table, %ecx
    movl $LAPIC, VECTOR_1(%ecx)
    movl $0, VECTOR_1 + 4(%ecx)
    movl $INTERRUPT_VECTOR, VECTOR_1 + 8(%ecx)
    movl $0, VECTOR_1 + 12(%ecx)

    movb $0, STATUS(%ebx)
.Lresetting:
    cmpb $0, STATUS(%ebx)
    jne .Lresetting
    movb $1, STATUS(%ebx)
    movb $3, STATUS(%ebx)
    movl $1, DEVICE_FEATURE_SELECT(%ebx)
    mov DEVICE_FEATURE(%ebx), %eax
    and $1, %eax
    expect "offers version 1", $1
    movl $0, DRIVER_FEATURE_SELECT(%ebx)
    movl $0, DRIVER_FEATURE(%ebx)
    movl $1, DRIVER_FEATURE_SELECT(%ebx)
    movl $1, DRIVER_FEATURE(%ebx)
    movb $0xb, STATUS(%ebx)
    xor %eax, %eax
    mov STATUS(%ebx), %al
    expect "accepts version 1", $0xb

    movw $0, QUEUE_SELECT(%ebx)
    movw $QUEUE_ENTRIES, QUEUE_SIZE(%ebx)
    movw $1, QUEUE_VECTOR(%ebx)
    movl $descriptors, QUEUE_DESCRIPTORS(%ebx)
    movl $0, QUEUE_DESCRIPTORS + 4(%ebx)
    movl $available, QUEUE_DRIVER(%ebx)
    movl $0, QUEUE_DRIVER + 4(%ebx)
    movl $used, QUEUE_DEVICE(%ebx)
    movl $0, QUEUE_DEVICE + 4(%ebx)
    movw $1, QUEUE_ENABLE(%ebx)
    movb $0xf, STATUS(%ebx)
    xor %eax, %eax
    mov STATUS(%ebx), %al
    expect "is ready", $0xf

    sti
    movw $1, available + 2
    movw $0, NOTIFY(%ebx)
    await message_count, $1
    expect "a message comes", $1
    xor %eax, %eax
    mov used + 2, %ax
    expect "one request is complete", $1
    mov used + 8, %eax
    expect "all of the buffer is filled", $LENGTH
    mov buffer, %eax
    or buffer + 4, %eax
    or buffer + 8, %eax
    expect_at_least "with something", $1

    mov table, %ecx
    movl $1, VECTOR_1 + 12(%ecx)
    movw $2, available + 2
    movw $0, NOTIFY(%ebx)
    await used_index, $0x20000
    call settle
    mov message_count, %eax
    expect "no message while it is masked", $1
    mov table, %ecx
    mov PENDING(%ecx), %eax
    expect "the vector is pending", $2
    mov table, %ecx
    movl $0, VECTOR_1 + 12(%ecx)
    await message_count, $2
    expect "the message comes when it is unmasked", $2

    movb $0, STATUS(%ebx)
.Lended:
    cmpb $0, STATUS(%ebx)
    jne .Lended
    movw $3, available + 2
    movw $0, NOTIFY(%ebx)
    call settle
    xor %eax, %eax
    mov used + 2, %ax
    expect "after a reset nothing is written", $2
    ret

    counting_handler message, lapic

    data
    .balign 4
table:
    .long 0
    .balign 16
descriptors:
    .quad buffer
    .long LENGTH
    .word 2, 0                  # the device writes; no next
    .skip 16 * (QUEUE_ENTRIES - 1)
available:
    .word 0, 0
    .skip 2 * QUEUE_ENTRIES + 2
    .balign 4
used_index:                     # flags in the low word, the index in the high one
used:
    .skip 6 + 8 * QUEUE_ENTRIES
    .balign 4
buffer:
    .skip LENGTH
    code
