# A kernel for boot loaders (Multiboot 1): prints a greeting and its command line on the first serial port and into the
# text memory of a VGA, waits for a byte from the serial port or the keyboard, and ends through isa-debug-exit at
# port 0xf4.
# Link at 0x100000

COM1 = 0x3f8
LINE_STATUS = COM1 + 5
RECEIVED = 0x01
SENT = 0x20
KEYBOARD_DATA = 0x60
KEYBOARD_STATUS = 0x64
DEBUG_EXIT = 0xf4
STATUS = 0x15
TEXT_MEMORY = 0xb8000
COLUMNS = 80
ROWS = 25
YELLOW_ON_BLUE = 0x1e
MAGIC = 0x1badb002
ADDRESSES_ARE_HERE = 1 << 16
COMMAND_LINE = 16               # in the boot loader's information

    .code32
    .globl _start
_start:
    jmp begin
    .balign 4
header:
    .long MAGIC, ADDRESSES_ARE_HERE, -(MAGIC + ADDRESSES_ARE_HERE)
    .long header, _start, end_of_image, end_of_image + 0x1000, begin

begin:
    mov $end_of_image + 0x1000, %esp
    cld
    mov $TEXT_MEMORY, %edi
    mov $COLUMNS * ROWS, %ecx
    mov $YELLOW_ON_BLUE << 8 | ' ', %eax
    rep stosw
    mov $TEXT_MEMORY, %edi
    mov $greeting, %esi
    call print
    mov COMMAND_LINE(%ebx), %esi
    call print
    mov $line_end, %esi
    call print

wait_for_input:
    mov $LINE_STATUS, %edx
    in %dx, %al
    test $RECEIVED, %al
    jnz finish
    in $KEYBOARD_STATUS, %al
    test $RECEIVED, %al
    jz wait_for_input
    in $KEYBOARD_DATA, %al
    test $0x80, %al             # a key that is let go: that of the menu
    jnz wait_for_input
finish:
    mov $STATUS, %al
    out %al, $DEBUG_EXIT
halt:
    hlt
    jmp halt

# Prints the text at ESI, which ends with a zero, at EDI in the text memory and on the serial port.
print:
    lodsb
    test %al, %al
    jz printed
    mov %al, %cl
    mov $LINE_STATUS, %edx
wait_until_sent:
    in %dx, %al
    test $SENT, %al
    jz wait_until_sent
    mov %cl, %al
    mov $COM1, %edx
    out %al, %dx
    cmp $' ', %al
    jb print
    mov $YELLOW_ON_BLUE, %ah
    stosw
    jmp print
printed:
    ret

greeting:
    .asciz "A multiboot kernel runs: "
line_end:
    .asciz "\r\n"
end_of_image:
