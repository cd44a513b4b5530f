# Prints values that depend on time: a disk in slot 5 (virtio-blk, completion by MSI-X vector 1) beside the
# interval timer at 1 kHz. Each line is about one request: the time stamp counter, ticks and turns of the waiting loop
# when it was complete, and what it has read. Where time is counted in instructions each run prints the same.
#
# Link at 0x100000

    .include "guest.inc"
    .include "virtio.inc"

REQUESTS = 60
SECTOR = 512
HAS_NEXT = 1
DEVICE_WRITES = 2
TICK = 1193                     # 1 ms
CHANNEL0 = 0x40
CONTROL = 0x43
LINT0 = LAPIC + 0x350
EXTERNAL = 0x700

main:
    expect_device "disk", $0x10421af4
    read_bar 1
    mov %eax, %ecx
    read_bar 4
    mov %eax, %ebx
    set_vector_1

    call pic_setup
    call lapic_setup
    movl $EXTERNAL, LINT0
    gate $IRQ_BASE, tick
    gate $INTERRUPT_VECTOR, message
    out_byte CONTROL, $0x34
    out_byte CHANNEL0, $TICK & 0xff
    out_byte CHANNEL0, $TICK >> 8
    out_byte PIC1_DATA, $0xfe

    movb $0, STATUS(%ebx)
    movb $3, STATUS(%ebx)
    take_version_1
    start_queue
    sti

    # Writes a sector and reads it back, in turns. It writes the time.
    xor %edi, %edi
.Lnext_request:
    mov %edi, %eax
    shr %eax
    mov %eax, sector
    test $1, %edi
    jnz .Lread
    rdtsc
    mov %eax, buffer
    mov tick_count, %eax
    mov %eax, buffer + 4
    movl $1, header
    movw $HAS_NEXT, data_flags
    jmp .Lsubmit
.Lread:
    movl $0, header
    movw $HAS_NEXT | DEVICE_WRITES, data_flags
.Lsubmit:
    incw available + 2
    movw $0, NOTIFY(%ebx)
    xor %ebp, %ebp
.Lwaiting:
    inc %ebp
    cmp %edi, message_count
    jbe .Lwaiting
    rdtsc
    call put_word
    mov tick_count, %eax
    call put_word
    mov %ebp, %eax
    call put_word
    mov buffer, %eax
    call put_hex
    print "\n"
    # Sleeps until the next interrupt, now and then.
    test $7, %edi
    jnz .Lawake
    hlt
.Lawake:
    inc %edi
    cmp $REQUESTS, %edi
    jb .Lnext_request
    movzbl status, %eax
    expect "the last request succeeded", $0
    ret

# Prints %eax and a space.
put_word:
    call put_hex
    mov $' ', %al
    jmp putc

    counting_handler tick, pic1
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
buffer:
    .skip SECTOR
    code
