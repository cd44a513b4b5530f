# A run of which each step is known, for those who record it: ports, the line of the first serial port, three requests of a
# virtio disk in slot 5 with messages (MSI-X vector 1), one packet of a virtio network card in slot 6.
# Link at 0x100000

    .include "guest.inc"
    .include "virtio.inc"

POST = 0x80
IER = COM1 + 1
IIR = COM1 + 2
BROADCAST = 0xffffffff
HEADER_LENGTH = 12              # of a packet
ARP_LENGTH = 42
RECEIVE_QUEUE = 0
TRANSMIT_QUEUE = 1

# Enables a queue of the device at %ebx, whose parts are named after it.
    .macro enable index, name
    movw $\index, QUEUE_SELECT(%ebx)
    movw $QUEUE_ENTRIES, QUEUE_SIZE(%ebx)
    movl $\name\()_descriptor, QUEUE_DESCRIPTORS(%ebx)
    movl $0, QUEUE_DESCRIPTORS + 4(%ebx)
    movl $\name\()_available, QUEUE_DRIVER(%ebx)
    movl $0, QUEUE_DRIVER + 4(%ebx)
    movl $\name\()_used, QUEUE_DEVICE(%ebx)
    movl $0, QUEUE_DEVICE + 4(%ebx)
    movw $1, QUEUE_ENABLE(%ebx)
    .endm

# A queue with one descriptor: of LENGTH bytes, which the device reads or writes. Nobody is interrupted.
    .macro queue name, length, flags
    .balign 16
\name\()_descriptor:
    .quad \name
    .long \length
    .word \flags, 0
    .skip 16 * (QUEUE_ENTRIES - 1)
\name\()_available:
    .word 1, 0
    .skip 2 * QUEUE_ENTRIES + 2
    .balign 4
\name\()_used:
    .skip 6 + 8 * QUEUE_ENTRIES
    .endm

main:
    out_byte POST, $1
    out_byte POST, $2
    out_byte POST, $4
    out_byte POST, $8
    out_byte POST, $16
    in_byte DEBUG_EXIT
    in_byte DEBUG_EXIT
    in_byte DEBUG_EXIT

    out_byte IER, $2            # the transmitter is empty: the line rises
    in_byte IIR                 # and falls
    out_byte IER, $0

    expect_device "a disk", $0x10421af4
    read_bar 1
    mov %eax, table
    read_bar 4
    mov %eax, %ebx
    call lapic_setup
    gate $INTERRUPT_VECTOR, message
    mov table, %ecx
    set_vector_1
    mov PENDING(%ecx), %eax
    mov PENDING(%ecx), %eax
    mov PENDING(%ecx), %eax
    mov PENDING(%ecx), %eax
    movb $3, STATUS(%ebx)
    take_version_1
    start_queue
    sti
    movw $1, available + 2      # reads
    movw $0, NOTIFY(%ebx)
    await used_index, $0x10000
    await message_count, $1
    movw $3, available + 2      # writes and flushes
    movw $0, NOTIFY(%ebx)
    await used_index, $0x30000
    await message_count, $2    # the last two may come as one
    expect_at_least "messages", $2
    mov sector, %eax
    expect "the sector that was read", $0x12345678

DEVICE = 6 << 11
    expect_device "a network card", $0x10411af4
    read_bar 4
    mov %eax, %ebx
    movb $3, STATUS(%ebx)
    take_version_1
    enable RECEIVE_QUEUE, answer
    enable TRANSMIT_QUEUE, packet
    movb $0xf, STATUS(%ebx)
    movw $1, answer_available + 2
    movw $RECEIVE_QUEUE, NOTIFY + 4 * RECEIVE_QUEUE(%ebx)
    movw $1, packet_available + 2
    movw $TRANSMIT_QUEUE, NOTIFY + 4 * TRANSMIT_QUEUE(%ebx)
    await packet_used, $0x10000
    and $0xffff0000, %eax       # the device wants no notification while it looks for more
    expect "a packet is sent", $0x10000
    await answer_used, $0x10000
    expect_at_least "and answered", $0x10000
    ret

    counting_handler message, lapic

    data
    .balign 4
table:
    .long 0
    .balign 16
descriptors:
    .quad read_header
    .long 16
    .word 1, 1                  # the next is 1
    .quad sector
    .long 512
    .word 3, 2                  # the device writes
    .quad status
    .long 1
    .word 2, 0
    .quad write_header
    .long 16
    .word 1, 4
    .quad sectors
    .long 1024
    .word 1, 5
    .quad status
    .long 1
    .word 2, 0
    .quad flush_header
    .long 16
    .word 1, 7
    .quad status
    .long 1
    .word 2, 0
available:
    .word 0, 0, 0, 3, 6
    .skip 2 * (QUEUE_ENTRIES - 3) + 2
    .balign 4
used_index:
used:
    .skip 6 + 8 * QUEUE_ENTRIES
    .balign 16
read_header:
    .long 0, 0
    .quad 3
write_header:
    .long 1, 0
    .quad 5
flush_header:
    .long 4, 0
    .quad 0
status:
    .byte 0xff
    queue packet, HEADER_LENGTH + ARP_LENGTH, 0
    queue answer, 2048, 2
packet:
    .skip HEADER_LENGTH
    .long BROADCAST             # who has 10.0.2.2?
    .word 0xffff
    .byte 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 6
    .byte 0, 1, 8, 0, 6, 4, 0, 1
    .byte 0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 0, 2, 15
    .byte 0, 0, 0, 0, 0, 0, 10, 0, 2, 2
answer:
    .skip 2048
    .balign 16
sector:
    .skip 512
sectors:
    .fill 1024, 1, 0x5a
    code
