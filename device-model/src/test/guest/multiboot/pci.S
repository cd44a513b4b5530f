# PCI configuration mechanism 1, the chipset's identities, sizing and moving a BAR, and pci-testdev in slot 5.
# Link at 0x100000

    .include "guest.inc"

TESTDEV = 5 << 11

main:
    config_read 0, 0
    expect "host bridge", $0x12378086
    config_read 1 << 11, 0
    expect "ISA bridge", $0x70008086
    config_read (1 << 11) + (3 << 8), 0
    expect "ACPI function", $0x71138086
    config_read (1 << 11) + (3 << 8), 0x40
    expect "ACPI block", $0x601
    config_read 1 << 11, 8
    shr $8, %eax
    expect "class of a bridge to ISA", $0x060100
    config_read 1 << 11, 12
    shr $16, %eax
    and $0x80, %eax
    expect "more than one function", $0x80
    config_read 31 << 11, 0
    expect "nothing in slot 31", $0xffffffff
    config_read TESTDEV, 0
    expect "pci-testdev", $0x00051b36

    # A byte write to 0xcfb is not for the address register, and 0 there is no address.
    mov $CONFIG_ADDRESS, %edx
    mov $0x80000000, %eax
    out %eax, %dx
    out_byte CONFIG_ADDRESS + 3, $1
    mov $CONFIG_ADDRESS, %edx
    in %dx, %eax
    expect "address register reads back", $0x80000000
    xor %eax, %eax
    mov $CONFIG_ADDRESS, %edx
    out %eax, %dx
    mov $CONFIG_DATA, %edx
    in %dx, %eax
    expect "without the enable bit", $0xffffffff

    config_read TESTDEV, 4
    and $3, %eax
    expect "decoding is on", $3
    config_write TESTDEV, 4, $0
    config_write TESTDEV, 0x10, $0xffffffff
    config_read TESTDEV, 0x10
    expect "4 KiB of memory", $0xfffff000
    config_write TESTDEV, 0x14, $0xffffffff
    config_read TESTDEV, 0x14
    expect "256 ports", $0xffffff01
    config_write TESTDEV, 0x10, $0xe0000000
    config_write TESTDEV, 0x14, $0xd000
    config_write TESTDEV, 4, $3

    movb $0, 0xe0000000
    xor %eax, %eax
    mov 0xe0000001, %al
    expect "width of the memory test", $1
    mov 0xe0000004, %ebx
    mov 0xe0000008, %al
    mov %al, 0xe0000000(%ebx)
    mov %al, 0xe0000000(%ebx)
    mov %al, 0xe0000000(%ebx)
    mov 0xe000000c, %eax
    expect "writes to memory", $3

    out_byte 0xd000, $0
    in_byte 0xd001
    expect "width of the port test", $1
    mov $0xd004, %edx
    in %dx, %eax
    lea 0xd000(%eax), %ebx
    mov $0xd008, %edx
    in %dx, %al
    mov %ebx, %edx
    out %al, %dx
    out %al, %dx
    mov $0xd00c, %edx
    in %dx, %eax
    expect "writes to ports", $2

    config_write TESTDEV, 0x10, $0xe0100000
    movb $0, 0xe0100000
    xor %eax, %eax
    mov 0xe0100001, %al
    expect "memory moved while decoding", $1
    ret
