# A guest for thousands of short experiments. It writes READY to port 0xf4 when it is ready. Then it reads what to do
# from INPUT and does it: changes 16 pages, the serial port, PIC, PIT and local APIC, and writes a checksum to the port;
# or causes a triple fault, halts, or never ends. Only its first experiment may find the pages zero.
#
# Link at 0x100000

    .include "guest.inc"

READY = 1
INPUT = 0x200000                # what to do, then a number
PAGES = 0x300000
PAGE = 0x1000
PAGE_COUNT = 16
CHANNEL2 = 0x42
CONTROL = 0x43
LAPIC_LVT_TIMER = LAPIC + 0x320

FAULT = 1
HALT = 2
SPIN = 3

main:
    movl $0x1ff, LAPIC_SVR
    out_byte DEBUG_EXIT, $READY

    mov INPUT, %eax
    cmp $FAULT, %eax
    je .Lfault
    cmp $HALT, %eax
    je .Lhalt
    cmp $SPIN, %eax
    je .

    mov INPUT + 4, %ebx
    mov $PAGES, %edi
    mov $PAGE_COUNT, %ecx
    xor %esi, %esi
.Lnext_page:
    add %ebx, (%edi)
    add (%edi), %esi
    add $PAGE, %edi
    loop .Lnext_page

    mov $COM1 + 7, %edx         # the scratch register
    mov %ebx, %eax
    out %al, %dx
    in %dx, %al
    movzbl %al, %eax
    add %eax, %esi
    in $PIC1_DATA, %al
    movzbl %al, %eax
    add %eax, %esi
    mov %ebx, %eax
    or $1, %al
    out %al, $PIC1_DATA
    out_byte CONTROL, $0xb0
    mov %ebx, %eax
    out %al, $CHANNEL2
    add LAPIC_LVT_TIMER, %esi
    movzbl %bl, %eax
    or $0x10010, %eax
    mov %eax, LAPIC_LVT_TIMER

    mov %esi, %eax
    mov $DEBUG_EXIT, %edx
    out %eax, %dx
    jmp .

.Lfault:
    lidt no_idt
    ud2

.Lhalt:
    cli
    hlt
    jmp .Lhalt

    data
no_idt:
    .word 0
    .long 0
    code
