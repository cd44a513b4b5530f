# pc-testdev: the latch at 0xe0 in all sizes, its twin at 0xe8, string instructions, page access, memory, interrupt
# lines.
#
# Link at 0x100000

    .include "guest.inc"

LATCH = 0xe0
FLUSH = 0xe4
SPLIT_LATCH = 0xe8
LINES = 0x2000
MEMORY = 0xff000000

main:
    mov $LATCH, %edx
    mov $0x11223344, %eax
    out %eax, %dx
    in %dx, %eax
    expect "four bytes", $0x11223344

    mov $LATCH, %edx
    mov $0x5566, %ax
    out %ax, %dx
    xor %eax, %eax
    in %dx, %ax
    expect "two bytes", $0x5566

    out_byte LATCH, $0x77
    in_byte LATCH
    expect "one byte", $0x77

    mov $LATCH, %edx
    mov $0x01020304, %eax
    out %eax, %dx
    in_byte LATCH+1
    expect "second byte of four", $0x03
    in_byte LATCH+3
    expect "last byte of four", $0x01

    mov $SPLIT_LATCH, %edx
    mov $0xa1b2c3d4, %eax
    out %eax, %dx
    in %dx, %eax
    expect "four bytes, split", $0xa1b2c3d4
    mov $LATCH, %edx
    in %dx, %eax
    expect "the same latch", $0xa1b2c3d4

    # The last of a string write stays; a string read gives the same each time.
    data
    .balign 4
words:
    .long 0x10000001, 0x20000002, 0x30000003, 0x40000004
words_read:
    .long 0, 0, 0, 0
    code
    cld
    mov $words, %esi
    mov $4, %ecx
    mov $LATCH, %edx
    rep outsl
    mov %ecx, %eax
    expect "a string write counts down", $0
    mov $LATCH, %edx
    in %dx, %eax
    expect "a string write ends with its last element", $0x40000004
    mov $words_read, %edi
    mov $4, %ecx
    mov $LATCH, %edx
    rep insl
    sub $words_read, %edi
    mov %edi, %eax
    expect "a string read moves on", $16
    mov words_read, %eax
    expect "first element of a string read", $0x40000004
    mov words_read+12, %eax
    expect "last element of a string read", $0x40000004

    movl $0x600dda7a, 0x200000
    mov $FLUSH, %edx
    mov $0x200000, %eax
    out %eax, %dx
    mov 0x200000, %eax
    expect "a page keeps its content", $0x600dda7a

    movl $0x89abcdef, MEMORY
    mov MEMORY, %eax
    expect "memory, four bytes", $0x89abcdef
    movzbl MEMORY+1, %eax
    expect "memory, one byte", $0xcd
    movw $0x1234, MEMORY+2
    movzwl MEMORY+2, %eax
    expect "memory, two bytes", $0x1234
    mov MEMORY, %eax
    expect "memory, neighbours untouched", $0x1234cdef
    movb $0x42, MEMORY+0xffff
    movzbl MEMORY+0xffff, %eax
    expect "memory, last byte", $0x42

    # Lines 10 and 14 through the PIC: one edge each.
    call pic_setup
    gate $IRQ_BASE+10, line10
    gate $IRQ_BASE+14, line14
    mov $0xfb, %al
    out %al, $PIC2_DATA
    mov $0xfb, %al
    out %al, $PIC1_DATA
    sti
    out_byte LINES+10, $1
    await line10_count, $1
    out_byte LINES+10, $0
    out_byte LINES+14, $1
    call settle
    out_byte LINES+14, $0
    out_byte LINES+10, $1
    await line10_count, $2
    out_byte LINES+10, $0
    cli
    mov line10_count, %eax
    expect "two edges on line 10", $2
    mov line14_count, %eax
    expect "line 14 is masked", $0
    ret

    counting_handler line10, pic2
    counting_handler line14, pic2
