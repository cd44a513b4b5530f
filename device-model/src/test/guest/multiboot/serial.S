# The first serial port: registers that hold what is written, FIFO identification, line status, loopback, interrupts.
#
# Link at 0x100000

    .include "guest.inc"

main:
    out_byte COM1+7, $0x5a
    in_byte COM1+7
    expect "scratch register", $0x5a

    out_byte COM1+2, $0
    in_byte COM1+2
    and $0xc0, %eax
    expect "no FIFO in 16450 mode", $0
    out_byte COM1+2, $0x07
    in_byte COM1+2
    expect "FIFO on and nothing pending", $0xc1

    out_byte COM1+3, $0x83
    out_byte COM1, $0x01
    out_byte COM1+1, $0x00
    in_byte COM1
    mov %eax, %ebx
    in_byte COM1+1
    mov %al, %bh
    out_byte COM1+3, $0x03
    mov %ebx, %eax
    expect "divisor latch", $1
    in_byte COM1+3
    expect "line control", $3

.Lwait_idle:
    in_byte LSR
    test $0x40, %al
    jz .Lwait_idle
    expect "line status of an idle port", $0x60

    # Modem control comes back as modem status: OUT2, OUT1, DTR, RTS as DCD, RI, DSR, CTS.
    out_byte COM1+4, $0x1f
    in_byte COM1+6
    and $0xf0, %eax
    mov %eax, %ebx
    out_byte COM1+4, $0x11
    in_byte COM1+6
    and $0xf0, %eax
    mov %eax, %ebp
    out_byte COM1+4, $0x0b
    mov %ebx, %eax
    expect "all modem lines in loopback", $0xf0
    mov %ebp, %eax
    expect "DTR alone in loopback", $0x20

    # Seventeen bytes into the receive FIFO of sixteen.
    out_byte COM1+4, $0x18
    mov $0x40, %ebx
.Lfill:
    mov $COM1, %edx
    mov %bl, %al
    out %al, %dx
    call wait_sent
    inc %ebx
    cmp $0x51, %ebx
    jne .Lfill
    in_byte LSR
    mov %eax, lsr_second
    mov $0x40, %ebx
.Ldrain:
    in_byte COM1
    cmp %ebx, %eax
    jne .Ldrained
    inc %ebx
    cmp $0x50, %ebx
    jne .Ldrain
.Ldrained:
    in_byte LSR
    mov %eax, lsr_empty
    out_byte COM1+4, $0x0b
    mov lsr_seen, %eax
    and $0x02, %eax
    expect "overrun is reported", $0x02
    mov lsr_second, %eax
    expect "overrun is reported once", $0x61
    mov %ebx, %eax
    expect "sixteen bytes in order", $0x50
    mov lsr_empty, %eax
    expect "empty again", $0x60

    # Interrupts, IRQ 4 through the PIC.
    call pic_setup
    gate $IRQ_BASE+4, serial_interrupt
    mov $0xef, %al
    out %al, $PIC1_DATA
    sti
    out_byte COM1+1, $0x02
    await serial_interrupt_count, $1
    mov %eax, %ebx
    out_byte COM1+1, $0x00
    cli
    mov %ebx, %eax
    expect "one interrupt for an empty transmitter", $1
    mov interrupt_id, %eax
    expect "transmitter empty identified", $0xc2

    movl $0, serial_interrupt_count
    out_byte COM1+4, $0x18
    out_byte COM1+1, $0x01
    out_byte COM1, $0x77
    sti
    await serial_interrupt_count, $1
    cli
    mov %eax, %ebx
    in_byte COM1
    mov %eax, %ebp
    in_byte COM1+2
    mov %eax, %edi
    out_byte COM1+1, $0x00
    out_byte COM1+4, $0x0b
    mov %ebx, %eax
    expect "an interrupt for a received byte", $1
    mov interrupt_id, %eax
    and $0xf7, %eax             # the time-out and the level are told apart by bit 3
    expect "received data identified", $0xc4
    mov %ebp, %eax
    expect "the byte", $0x77
    mov %edi, %eax
    expect "nothing pending once it is read", $0xc1
    ret

# Collects what the line status shows meanwhile: reading clears an error.
wait_sent:
    in_byte LSR
    or %eax, lsr_seen
    test $0x40, %al
    jz wait_sent
    ret

# Takes the identification of the first interrupt; the second would find nothing.
serial_interrupt:
    push %eax
    push %edx
    in_byte COM1+2
    cmpl $0, serial_interrupt_count
    jne .Lcounted_already
    mov %eax, interrupt_id
.Lcounted_already:
    incl serial_interrupt_count
    cmp $0xc2, %al
    je .Lserved
    out_byte COM1+1, $0x00
.Lserved:
    end_interrupt pic1
    pop %edx
    return_from_interrupt

    data
    .balign 4
serial_interrupt_count:
    .long 0
interrupt_id:
    .long 0
lsr_seen:
    .long 0
lsr_second:
    .long 0
lsr_empty:
    .long 0
