# What a PC's firmware leaves to a kernel: the serial port, interval timer, interrupt controllers, BIOS data area,
# vectors, model byte, PCI, and the files of the firmware configuration device.
# Link at 0x100000

    .include "guest.inc"

CHANNEL0 = 0x40
CONTROL = 0x43
FW_CFG = 0x510
DIRECTORY = 0x19
ACPI = (1 << 11) + (3 << 8)

    .macro expect_word name, address, want
    movzwl \address, %eax
    expect "\name", \want
    .endm

    .macro expect_byte name, address, want
    movzbl \address, %eax
    expect "\name", \want
    .endm

main:
    in_byte COM1+4
    expect "modem control", $0x08
    in_byte PIC1_DATA
    expect "mask of the first controller", $0xb8
    in_byte PIC2_DATA
    expect "mask of the second controller", $0x8e
    in_byte ELCR1+1
    expect "levels of PCI's lines", $0x0c
    out_byte CONTROL, $0xe2
    in_byte CHANNEL0
    and $0x3f, %eax
    expect "timer in mode 2", $0x34

    # It counts by itself, and an interrupt comes at the vector that firmware chose.
    gate $8, tick
    gate $0x70, other
    sti
    await tick_count, $1
    cli
    expect "interrupt 0 at vector 8", $1

    call pic_setup
    gate $IRQ_BASE+4, serial
    mov $0xef, %al
    out %al, $PIC1_DATA
    sti
    out_byte COM1+4, $0x03
    out_byte COM1+1, $0x02
    await serial_count, $1
    mov %eax, %ebx
    out_byte COM1+1, $0x00
    cli
    out_byte COM1+4, $0x08
    mov %ebx, %eax
    expect "interrupt 4 without OUT2", $1

    mov LAPIC_SVR, %eax
    expect "local APIC is on", $0x1ff
    mov LAPIC + 0x350, %eax
    and $0x1ffff, %eax
    expect "LINT0 takes the controllers' interrupts", $0x8700
    mov LAPIC + 0x360, %eax
    expect "LINT1 takes NMIs", $0x8400
    mov LAPIC_ICR, %eax
    expect "its last command started the others", $0xc4610

    expect_word "first serial port", 0x400, $0x3f8
    expect_word "extended BIOS data area", 0x40e, $0x9fc0
    expect_word "equipment", 0x410, $0x0206
    expect_word "conventional memory", 0x413, $639
    expect_word "start of the keyboard's buffer", 0x480, $0x1e
    expect_word "its end", 0x482, $0x3e
    expect_word "its head", 0x41a, $0x1e
    expect_word "its tail", 0x41c, $0x1e
    expect_byte "time-out of the serial port", 0x47c, $10
    expect_byte "keyboard of 101 keys", 0x496, $0x10
    expect_byte "size of the extended area", 0x9fc00, $1
    expect_word "segment of vector 10h", 0x42, $0xf000
    expect_word "segment of vector 77h", 0x1de, $0xf000
    expect_word "vector 60h is the user's", 0x182, $0
    expect_byte "model byte", 0xffffe, $0xfc
    expect_byte "far jump at the reset vector", 0xffff0, $0xea

    config_read ACPI, 0x3c
    expect "interrupt of the power management function", $0x0109
    config_read ACPI, 4
    expect "its command and status", $0x02800103
    config_read 1 << 11, 4
    expect "those of the ISA bridge", $0x02000103

    mov $e820_name, %ebp
    call find_file
    expect "memory map for firmware", $1
    mov $acpi_name, %ebp
    call find_file
    expect "ACPI tables for firmware", $1
    mov $smbios_name, %ebp
    call find_file
    expect "SMBIOS tables for firmware", $1
    ret

# %eax becomes 1 if a file of the configuration device is named as the string at %ebp, else 0.
find_file:
    mov $FW_CFG, %edx
    mov $DIRECTORY, %eax
    out %ax, %dx
    call read_word
    mov %eax, %edi
.Lfile:
    dec %edi
    js .Labsent
    call read_word
    call read_word
    mov %ebp, %esi
    mov $1, %ebx
    mov $56, %ecx
.Lcharacter:
    mov $FW_CFG + 1, %edx
    in %dx, %al
    test %ebx, %ebx
    jz .Lskip
    cmp (%esi), %al
    je .Lsame
    xor %ebx, %ebx
.Lsame:
    cmpb $0, (%esi)
    je .Lskip
    inc %esi
.Lskip:
    dec %ecx
    jnz .Lcharacter
    test %ebx, %ebx
    jz .Lfile
    mov $1, %eax
    ret
.Labsent:
    xor %eax, %eax
    ret

# %eax becomes the next four bytes of the selected item, the first one highest.
read_word:
    push %ecx
    push %ebx
    xor %ebx, %ebx
    mov $4, %ecx
    mov $FW_CFG + 1, %edx
.Lbyte:
    shl $8, %ebx
    in %dx, %al
    mov %al, %bl
    dec %ecx
    jnz .Lbyte
    mov %ebx, %eax
    pop %ebx
    pop %ecx
    ret

# One tick is enough.
tick:
    push %eax
    movl $1, tick_count
    mov $0xff, %al
    out %al, $PIC1_DATA
    end_interrupt pic1
    return_from_interrupt

other:
    push %eax
    end_interrupt pic2
    return_from_interrupt

serial:
    push %eax
    push %edx
    in_byte COM1+2
    incl serial_count
    out_byte COM1+1, $0x00
    end_interrupt pic1
    pop %edx
    return_from_interrupt

    data
    .balign 4
tick_count:
    .long 0
serial_count:
    .long 0
e820_name:
    .asciz "etc/e820"
acpi_name:
    .asciz "etc/acpi/tables"
smbios_name:
    .asciz "etc/smbios/smbios-tables"
    code
