# Prints for each byte that it receives when it came by the time stamp counter, and a sum over all before: a run depends on
# each moment of input. Sleeps until the next byte, and waits awake after each third one. Ends
# after a q.
#
# Link at 0x100000

    .include "guest.inc"

SERIAL_IRQ = 4
LINT0 = LAPIC + 0x350
EXTERNAL = 0x700

main:
    call pic_setup
    call lapic_setup
    movl $EXTERNAL, LINT0
    gate $IRQ_BASE + SERIAL_IRQ, serial
    out_byte COM1+2, $1
    out_byte COM1+4, $0x0b
    out_byte COM1+1, $1
    out_byte PIC1_DATA, $0xef
    print "ready\n"
    xor %ebx, %ebx
.Lnext:
    mov %ebx, %eax
    xor %edx, %edx
    mov $3, %ecx
    div %ecx
    cmp $2, %edx
    je .Lawake
    cli
    cmp %ebx, taken_count
    jne .Lgot
    sti
    hlt
    jmp .Lnext
.Lawake:
    sti
    incl turns
    cmp %ebx, taken_count
    je .Lawake
.Lgot:
    sti
    inc %ebx
    rdtsc
    xor turns, %eax
    rol $5, %eax
    add %eax, sum
    mov sum, %eax
    call put_hex
    print "\n"
    cmpb $'q', last
    jne .Lnext
    ret

serial:
    push %eax
    push %edx
.Lmore:
    in_byte COM1
    mov %al, last
    add %eax, sum
    incl taken_count
    in_byte LSR
    test $1, %al
    jnz .Lmore
    pop %edx
    end_interrupt pic1
    return_from_interrupt

    data
    .balign 4
taken_count:
    .long 0
turns:
    .long 0
sum:
    .long 0
last:
    .long 0
    code
