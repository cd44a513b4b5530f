# The entropy device in slot 5 through the PCI transport: reset, features, a queue, a notification, completion with a
# message (MSI-X vector 1), the mask of that vector.
# Link at 0x100000

    .include "guest.inc"
    .include "virtio.inc"

LENGTH = 64

main:
    expect_device "entropy device", $0x10441af4
    read_bar 1
    mov %eax, table
    read_bar 4
    mov %eax, %ebx

    call lapic_setup
    gate $INTERRUPT_VECTOR, message
    mov table, %ecx
    set_vector_1

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
    take_version_1
    xor %eax, %eax
    mov STATUS(%ebx), %al
    expect "accepts version 1", $0xb

    start_queue
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
    rings
    .balign 4
buffer:
    .skip LENGTH
    code
