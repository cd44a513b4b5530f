# All at once, and yet what it prints, writes and sends does not depend on time: a disk in slot 5 (virtio-blk, completion by
# MSI-X vector 1), an 82540EM in slot 6 (INTA, level-triggered, at the IOAPIC's pin 10), the local APIC's timer, the
# serial port. Each round sends a frame with its number, each fourth one to itself by the card's loopback; writes a sector
# and reads it back. An interrupt that is lost lets it wait for ever, one of the disk too many is found at the end.
#
# Link at 0x100000

    .include "guest.inc"
    .include "virtio.inc"

ROUNDS = 128
SECTOR = 512
SECTORS = 64
HAS_NEXT = 1
DEVICE_WRITES = 2
TIMER_VECTOR = 0x31
CARD_VECTOR = 0x32
TIMER_ENTRY = LAPIC + 0x320
TIMER_COUNT = LAPIC + 0x380
TIMER_DIVIDE = LAPIC + 0x3e0
PERIODIC = 0x20000
PATIENCE = 1500                 # longer than a request takes where time is counted in instructions
TICK = 300000                   # 300 us at 1 GHz
CARD = 6 << 11
CARD_PIN = 0x10 + 2 * 10        # of the IOAPIC: entry of pin 10
LEVEL = 0x8000
CAUSES = 0xc0                   # registers of the card
MASK_SET = 0xd0
RECEIVE_CONTROL = 0x100
TRANSMIT_CONTROL = 0x400
RECEIVE = 0x2800
TRANSMIT = 0x3800
RING_LENGTH = 0x08              # of a ring's registers
RING_TAIL = 0x18
SENT = 1                        # causes
RECEIVED = 0x80
RECEIVE_ON = 0x04008002         # broadcasts too, without the frame's checksum
LOOPBACK = 0x40
TRANSMIT_ON = 0x0a
FRAME = 60
SEND_AND_TELL = 0x0b000000
RECEIVE_RING = 0x200000
TRANSMIT_RING = 0x201000
TRANSMIT_BUFFERS = 0x202000     # 64 bytes each
RECEIVE_BUFFERS = 0x210000      # 2 KiB each

main:
    expect_device "disk", $0x10421af4
    read_bar 1
    mov %eax, %ecx
    read_bar 4
    mov %eax, %ebx
    set_vector_1
    call pic_setup
    call lapic_setup
    gate $INTERRUPT_VECTOR, message
    gate $TIMER_VECTOR, tick
    gate $CARD_VECTOR, card
    movb $0, STATUS(%ebx)
    movb $3, STATUS(%ebx)
    take_version_1
    start_queue
    call card_setup
    movl $0x0b, TIMER_DIVIDE
    movl $TIMER_VECTOR + PERIODIC, TIMER_ENTRY
    movl $TICK, TIMER_COUNT
    sti

    xor %edi, %edi
.Lnext_round:
    mov %edi, %eax
    and $3, %eax
    cmp $3, %eax
    je .Lloop_back
    call send
    jmp .Lsent
.Lloop_back:
    movl $RECEIVE_ON + LOOPBACK, RECEIVE_CONTROL(%ebp)
    call send
    call receive
    movl $RECEIVE_ON, RECEIVE_CONTROL(%ebp)
.Lsent:
    call write_sector
    call read_sector
    mov %edi, %eax
    and $7, %eax
    jnz .Lno_line
    mov %edi, %eax
    call put_hex
    mov $' ', %al
    call putc
    mov checksum, %eax
    call put_hex
    mov $'\n', %al
    call putc
.Lno_line:
    mov %edi, %eax
    and $31, %eax
    jnz .Lawake
    hlt
.Lawake:
    inc %edi
    cmp $ROUNDS, %edi
    jb .Lnext_round

    movl $0, TIMER_COUNT
    mov message_count, %eax
    expect "an interrupt for each request", $2*ROUNDS
    movzwl used + 2, %eax
    expect "the disk's requests", $2*ROUNDS
    mov wrong, %eax
    expect "sectors and frames are what they were", $0
    mov tick_count, %eax
    expect_at_least "the timer ticks", $2
    ret

card_setup:
    config_read CARD, 0
    expect "card", $0x100e8086
    config_write CARD, 4, $6
    config_read CARD, 0x10
    and $~0xf, %eax
    mov %eax, %ebp
    mov %eax, card_base
    mov $CARD_PIN + 1, %ecx
    xor %eax, %eax
    call ioapic_write
    mov $CARD_PIN, %ecx
    mov $CARD_VECTOR + LEVEL, %eax
    call ioapic_write
    xor %ecx, %ecx
.Lnext_buffer:
    mov %ecx, %eax
    shl $11, %eax
    add $RECEIVE_BUFFERS, %eax
    mov %ecx, %edx
    shl $4, %edx
    mov %eax, RECEIVE_RING(%edx)
    inc %ecx
    cmp $QUEUE_ENTRIES, %ecx
    jb .Lnext_buffer
    movl $RECEIVE_RING, RECEIVE(%ebp)
    movl $16 * QUEUE_ENTRIES, RECEIVE + RING_LENGTH(%ebp)
    movl $QUEUE_ENTRIES - 1, RECEIVE + RING_TAIL(%ebp)
    movl $RECEIVE_ON, RECEIVE_CONTROL(%ebp)
    movl $TRANSMIT_RING, TRANSMIT(%ebp)
    movl $16 * QUEUE_ENTRIES, TRANSMIT + RING_LENGTH(%ebp)
    movl $TRANSMIT_ON, TRANSMIT_CONTROL(%ebp)
    movl $SENT + RECEIVED, MASK_SET(%ebp)
    ret

# Waits until TEST finds CONDITION, which an interrupt brings about: looks for a while, then sleeps.
.macro await_interrupt test:req, condition:req
    movl $PATIENCE, looks
.Llook\@:
    \test
    j\condition .Lcame\@
    decl looks
    jnz .Llook\@
.Lsleep\@:
    cli
    \test
    j\condition .Lcame_asleep\@
    sti
    hlt
    jmp .Lsleep\@
.Lcame_asleep\@:
    sti
.Lcame\@:
.endm

# A number that follows from the round's.
.macro pattern
    mov %edi, %eax
    rol $13, %eax
    xor $0x5a17c3e9, %eax
    add %edi, %eax
.endm

# Sends frame %edi and waits until the card has told that it is sent.
send:
    mov %edi, %ecx
    and $QUEUE_ENTRIES - 1, %ecx
    mov %ecx, %esi
    shl $6, %esi
    add $TRANSMIT_BUFFERS, %esi
    movl $0xffffffff, (%esi)    # to all
    movl $0x0002ffff, 4(%esi)   # from 02:00:00:00:00:01
    movl $0x01000000, 8(%esi)
    movl $0xb588, 12(%esi)      # a type for experiments
    mov %edi, 16(%esi)
    pattern
    mov %eax, 20(%esi)
    shl $4, %ecx
    mov %esi, TRANSMIT_RING(%ecx)
    movl $FRAME + SEND_AND_TELL, TRANSMIT_RING + 8(%ecx)
    movl $0, TRANSMIT_RING + 12(%ecx)
    lea 1(%edi), %eax
    and $QUEUE_ENTRIES - 1, %eax
    mov %eax, TRANSMIT + RING_TAIL(%ebp)
    await_interrupt "testl $SENT, card_causes", nz
    andl $~SENT, card_causes
    testl $1, TRANSMIT_RING + 12(%ecx)
    jnz .Ldone
    incl wrong
.Ldone:
    ret

# Waits for frame %edi and gives its buffer back.
receive:
    await_interrupt "testl $RECEIVED, card_causes", nz
    andl $~RECEIVED, card_causes
    mov receive_index, %ecx
    mov %ecx, %esi
    shl $11, %esi
    cmp %edi, RECEIVE_BUFFERS + 16(%esi)
    je .Lright_number
    incl wrong
.Lright_number:
    mov %ecx, %esi
    shl $4, %esi
    testl $1, RECEIVE_RING + 12(%esi)
    jnz .Lstored
    incl wrong
.Lstored:
    movl $0, RECEIVE_RING + 12(%esi)
    mov %ecx, RECEIVE + RING_TAIL(%ebp)
    inc %ecx
    and $QUEUE_ENTRIES - 1, %ecx
    mov %ecx, receive_index
    ret

write_sector:
    pattern
    xor %ecx, %ecx
.Lnext_word:
    mov %eax, buffer(,%ecx,4)
    rol $1, %eax
    add %ecx, %eax
    inc %ecx
    cmp $SECTOR / 4, %ecx
    jb .Lnext_word
    movl $1, header
    movw $HAS_NEXT, data_flags
    jmp request

read_sector:
    movl $0, buffer
    movl $0, buffer + SECTOR - 4
    movl $0, header
    movw $HAS_NEXT | DEVICE_WRITES, data_flags
    call request
    pattern
    xor %ecx, %ecx
.Lnext_read:
    cmp %eax, buffer(,%ecx,4)
    je .Lsame
    incl wrong
.Lsame:
    add %eax, checksum
    rol $1, %eax
    add %ecx, %eax
    inc %ecx
    cmp $SECTOR / 4, %ecx
    jb .Lnext_read
    ret

# Gives the disk its request and waits for its interrupt.
request:
    mov %edi, %eax
    and $SECTORS - 1, %eax
    mov %eax, sector
    movb $0xff, status
    incw available + 2
    incl submitted
    movw $0, NOTIFY(%ebx)
    mov submitted, %eax
    await_interrupt "cmp %eax, message_count", ae
    cmpb $0, status
    je .Lcomplete
    incl wrong
.Lcomplete:
    ret

# Reading the causes takes the interrupt back.
card:
    push %eax
    mov card_base, %eax
    mov CAUSES(%eax), %eax
    or %eax, card_causes
    end_interrupt lapic
    return_from_interrupt

    counting_handler tick, lapic
    counting_handler message, lapic

    data
    .balign 16
descriptors:                    # header, data, status
    .quad header
    .long 16
    .word HAS_NEXT, 1
    .quad buffer
    .long SECTOR
data_flags:
    .word 0, 2
    .quad status
    .long 1
    .word DEVICE_WRITES, 0
    .skip 16 * (QUEUE_ENTRIES - 3)
    rings
    .balign 4
header:
    .long 0, 0
sector:
    .long 0, 0
status:
    .byte 0xff
    .balign 4
card_base:
    .long 0
card_causes:
    .long 0
looks:
    .long 0
receive_index:
    .long 0
submitted:
    .long 0
checksum:
    .long 0
wrong:
    .long 0
buffer:
    .skip SECTOR
    code
