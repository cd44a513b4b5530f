# The machine as a guest sees it, one fact a line, "NAME: VALUE": processor, memory map, clock memory, firmware
# configuration, PCI functions and cycles, registers at power-on, ports that answer ("ports FIRST-LAST").
# A debug console at port 0xea takes them: a command line may ask for any serial port, or none.
# Link at 0x100000

OUTPUT_PORT = 0xea
    .include "guest.inc"

FW_CFG = 0x510
DIRECTORY = 0x19
ENTRY_SIZE = 64
LONGEST_SUMMED = 0x1000
IOAPIC_LINES = 24
HPET = 0xfed00000
BUFFER = 0x300000               # files' directory, above the image
MULTIBOOT_MAP = 44
BUSES = 4
PM_TIMER = 0x608

# Prints TEXT, then %eax in DIGITS hexadecimal digits.
.macro show text:req, digits=8
    push %eax
    print "\text"
    pop %eax
    mov $\digits, %ecx
    call put_digits
.endm

.macro newline
    mov $'\n', %al
    call putc
.endm

main:
    call show_processor
    call show_memory
    call show_clock
    call show_keys
    call show_files
    call show_functions
    call show_cycles
    call show_msrs
    call show_apics
    call show_registers
    call show_pm1
    call show_ports
    print "end\n"
    ret

# Prints the lowest %ecx hexadecimal digits of %eax.
put_digits:
    push %ebx
    mov %eax, %ebx
    push %ecx
    neg %ecx
    add $8, %ecx
    shl $2, %ecx
    shl %cl, %ebx
    pop %ecx
.Lput_digit:
    rol $4, %ebx
    mov %ebx, %eax
    and $15, %eax
    mov hex_digits(%eax), %al
    call putc
    dec %ecx
    jnz .Lput_digit
    pop %ebx
    ret

show_processor:
    xor %eax, %eax
    cpuid
    show "cpuid highest: "
    newline
    mov $0x80000000, %eax
    cpuid
    show "cpuid highest extended: "
    newline
    ret

show_memory:
    mov boot_info, %ebp
    mov 4(%ebp), %eax
    show "memory below 1 MiB: "
    newline
    mov 8(%ebp), %eax
    show "memory above 1 MiB: "
    newline
    mov MULTIBOOT_MAP(%ebp), %edi
    add MULTIBOOT_MAP+4(%ebp), %edi
    push %edi
    mov MULTIBOOT_MAP+4(%ebp), %ebx
.Lmap_entry:
    cmp (%esp), %ebx
    jae .Lmap_end
    mov 8(%ebx), %eax
    show "map "
    mov 4(%ebx), %eax
    show " "
    mov 16(%ebx), %eax
    show ": size "
    mov 12(%ebx), %eax
    show " "
    mov 20(%ebx), %eax
    show " type "
    newline
    add (%ebx), %ebx
    add $4, %ebx
    jmp .Lmap_entry
.Lmap_end:
    pop %edi
    ret

# Without the bytes that change with time.
show_clock:
    mov $13, %ebx
.Lclock_byte:
    cmp $0x32, %ebx
    je .Lnext_clock_byte
    mov %ebx, %eax
    show "clock ", 2
    mov %ebx, %eax
    out %al, $0x70
    in $0x71, %al
    show ": ", 2
    newline
.Lnext_clock_byte:
    inc %ebx
    cmp $128, %ebx
    jb .Lclock_byte
    ret

# Selects item %eax of the firmware configuration.
select:
    push %edx
    mov $FW_CFG, %edx
    out %ax, %dx
    pop %edx
    ret

# %eax becomes the next four bytes of the selected item, the first one highest.
read_item:
    push %ecx
    push %ebx
    xor %ebx, %ebx
    mov $4, %ecx
    mov $FW_CFG + 1, %edx
.Litem_byte:
    shl $8, %ebx
    in %dx, %al
    mov %al, %bl
    dec %ecx
    jnz .Litem_byte
    mov %ebx, %eax
    pop %ebx
    pop %ecx
    ret

# The first eight bytes of each item that is no file.
show_keys:
    xor %ebx, %ebx
.Lkey:
    mov %ebx, %eax
    show "key ", 4
    mov %ebx, %eax
    call select
    call read_item
    show ": "
    call read_item
    show " "
    newline
    inc %ebx
    cmp $0x20, %ebx
    jne .Lno_jump
    mov $0x8000, %ebx
.Lno_jump:
    cmp $0x8010, %ebx
    jb .Lkey
    ret

show_files:
    mov $DIRECTORY, %eax
    call select
    call read_item
    mov %eax, %ebp
    mov %eax, %ecx
    shl $6, %ecx                # ENTRY_SIZE
    mov $BUFFER, %edi
    mov $FW_CFG + 1, %edx
    cld
    rep insb
    mov $BUFFER, %edi
.Lfile:
    dec %ebp
    js .Lfiles_end
    print "file "
    lea 8(%edi), %esi
    call puts
    mov (%edi), %eax
    bswap %eax
    mov %eax, %ebx
    show ": size "
    cmp $LONGEST_SUMMED, %ebx
    ja .Lsummed
    mov 4(%edi), %eax
    xchg %al, %ah
    call select
    call sum_item
    show " sum "
.Lsummed:
    newline
    add $ENTRY_SIZE, %edi
    jmp .Lfile
.Lfiles_end:
    ret

# %eax becomes a sum, which depends on the order, of %ebx bytes of the selected item.
sum_item:
    xor %ecx, %ecx
    mov $FW_CFG + 1, %edx
.Lsum_byte:
    dec %ebx
    js .Lsum_end
    xor %eax, %eax
    in %dx, %al
    rol $5, %ecx
    xor %eax, %ecx
    jmp .Lsum_byte
.Lsum_end:
    mov %ecx, %eax
    ret

# %eax becomes register %ecx of the function.
function_read:
    mov function, %eax
    or %ecx, %eax
    mov $CONFIG_ADDRESS, %edx
    out %eax, %dx
    mov $CONFIG_DATA, %edx
    in %dx, %eax
    ret

# %ebx goes to register %ecx of the function.
function_write:
    mov function, %eax
    or %ecx, %eax
    mov $CONFIG_ADDRESS, %edx
    out %eax, %dx
    mov $CONFIG_DATA, %edx
    mov %ebx, %eax
    out %eax, %dx
    ret

show_functions:
    movl $0x80000000, function
.Lfunction:
    mov $0x800, %ebp
    testl $0x700, function
    jz .Lfirst
    mov $0x100, %ebp
.Lfirst:
    xor %ecx, %ecx
    call function_read
    cmp $-1, %eax
    je .Lnext_function
    mov $12, %ecx
    call function_read
    test $0x800000, %eax
    jz .Lsingle
    mov $0x100, %ebp
.Lsingle:
    push %eax
    call show_registers_of_function
    pop %eax
    test $0x7f0000, %eax
    jnz .Lnext_function
    call show_sizes
.Lnext_function:
    add %ebp, function
    cmpl $0x80000000 + (BUSES << 16), function
    jb .Lfunction
    ret

# Prints the function and its register %edi.
put_function:
    mov function, %eax
    shr $16, %eax
    show "pci ", 2
    mov function, %eax
    shr $11, %eax
    and $0x1f, %eax
    show ":", 2
    mov function, %eax
    shr $8, %eax
    and $7, %eax
    show ".", 1
    mov %edi, %eax
    show " ", 2
    ret

# Those that are not 0.
show_registers_of_function:
    xor %edi, %edi
.Lregister:
    mov %edi, %ecx
    call function_read
    test %eax, %eax
    jz .Lnext_register
    push %eax
    call put_function
    pop %eax
    show ": "
    newline
.Lnext_register:
    add $4, %edi
    cmp $0x100, %edi
    jb .Lregister
    ret

# What the base addresses read as while all bits are written.
show_sizes:
    mov $4, %ecx
    call function_read
    push %eax
    mov %eax, %ebx
    and $0xfffc, %ebx
    mov $4, %ecx
    call function_write
    mov $0x10, %edi
.Lsize:
    mov %edi, %ecx
    call function_read
    push %eax
    mov $-1, %ebx
    mov %edi, %ecx
    call function_write
    mov %edi, %ecx
    call function_read
    pop %ebx
    push %eax
    mov %edi, %ecx
    call function_write
    pop %eax
    test %eax, %eax
    jz .Lnext_size
    push %eax
    call put_function
    pop %eax
    show " size: "
    newline
.Lnext_size:
    add $4, %edi
    cmp $0x28, %edi
    jb .Lsize
    cmp $0x30, %edi
    ja .Lsizes_end
    mov $0x30, %edi
    jmp .Lsize
.Lsizes_end:
    pop %ebx
    and $0xffff, %ebx
    mov $4, %ecx
    jmp function_write

# Prints what a read of REGISTER's width at PORT gives after %ebx went to the address register.
.macro cycle name:req, port:req, register:req
    mov %ebx, %eax
    show "\name "
    mov $\port, %eax
    show " at ", 4
    print " to \register: "
    mov %ebx, %eax
    mov $CONFIG_ADDRESS, %edx
    out %eax, %dx
    mov $\port, %edx
    xor %eax, %eax
    in %dx, %\register
    show " "
    newline
.endm

# Writes 83848586, or the part of it that REGISTER holds, at OFFSET of the interrupt routing registers and prints them.
.macro routing offset:req, register:req
    mov %ebx, %eax
    mov $CONFIG_ADDRESS, %edx
    out %eax, %dx
    mov $CONFIG_DATA, %edx
    mov $0x0b0b0a0a, %eax
    out %eax, %dx
    mov $0x83848586, %eax
    mov $CONFIG_DATA + \offset, %edx
    out %\register, %dx
    cycle "routing after \offset from \register,", CONFIG_DATA, eax
.endm

# Writes REGISTER at OFFSET of the address register and prints that.
.macro address_write offset:req, register:req
    mov $0x80000800, %eax
    mov $CONFIG_ADDRESS, %edx
    out %eax, %dx
    mov $0x5a5a5a5a, %eax
    mov $CONFIG_ADDRESS + \offset, %edx
    out %\register, %dx
    print "address after \offset from \register:"
    mov $CONFIG_ADDRESS, %edx
    in %dx, %eax
    show " "
    newline
.endm

# The ISA bridge's identity and class in accesses of each width and alignment; the address register with the type's
# bits and without the enable bit, written in parts, and across its end.
show_cycles:
    mov $0x80000800, %ebx
    call show_reads
    mov $0x80000809, %ebx
    call show_reads
    mov $0x00000800, %ebx
    call show_reads
    mov $0xff000802, %ebx
    call show_reads
    address_write 0, al
    address_write 0, ax
    address_write 2, ax
    address_write 2, eax
    address_write 3, al
    mov $0x80000860, %ebx
    .irp offset, 0, 1, 2, 3
    routing \offset, al
    routing \offset, ax
    routing \offset, eax
    .endr
    ret

show_reads:
    .irp offset, 0, 1, 2, 3, 4, 5, 6, 7
    cycle cycle, CONFIG_ADDRESS+\offset, al
    cycle cycle, CONFIG_ADDRESS+\offset, ax
    cycle cycle, CONFIG_ADDRESS+\offset, eax
    .endr
    ret

show_msrs:
    mov $msrs, %esi
.Lmsr:
    lodsl
    test %eax, %eax
    jz .Lmsrs_end
    push %esi
    push %eax
    show "msr "
    pop %ecx
    rdmsr
    push %eax
    mov %edx, %eax
    show ": "
    pop %eax
    show " "
    newline
    pop %esi
    jmp .Lmsr
.Lmsrs_end:
    ret

# The list of addresses at %esi, as memory.
show_list:
    lodsl
    test %eax, %eax
    jz .Llist_end
    push %esi
    push %eax
    show "memory "
    pop %eax
    mov (%eax), %eax
    show ": "
    newline
    pop %esi
    jmp show_list
.Llist_end:
    ret

show_apics:
    mov $apic_registers, %esi
    call show_list
    xor %ebx, %ebx
.Lioapic:
    mov %ebx, %eax
    show "ioapic ", 2
    mov %ebx, %ecx
    call ioapic_read
    show ": "
    newline
    inc %ebx
    cmp $0x10 + 2 * IOAPIC_LINES, %ebx
    jb .Lioapic
    ret

# Ports of one byte that do not change by being read.
show_registers:
    mov $registers, %esi
.Lport_register:
    xor %eax, %eax
    lodsw
    test %eax, %eax
    jz .Lport_registers_end
    push %esi
    push %eax
    show "register ", 4
    pop %edx
    in %dx, %al
    show ": ", 2
    newline
    pop %esi
    jmp .Lport_register
.Lport_registers_end:
    ret

# Power management's enable and control registers, written in bytes. The sleep bits stay off.
show_pm1:
    mov $pm1_writes, %esi
.Lpm1_write:
    xor %eax, %eax
    lodsw
    test %eax, %eax
    jz .Lpm1_end
    mov %eax, %edx
    lodsw
    push %esi
    out %al, %dx
    push %eax
    mov %edx, %eax
    show "pm1 after ", 4
    pop %eax
    show " = ", 2
    mov $0x602, %edx
    in %dx, %ax
    show ": ", 4
    mov $0x604, %edx
    in %dx, %ax
    show " ", 4
    newline
    pop %esi
    jmp .Lpm1_write
.Lpm1_end:
    ret

# Ranges of ports that do not read as all ones, twice; not the power management timer's, which do at times.
show_ports:
    mov $CONFIG_ADDRESS, %edx
    xor %eax, %eax
    out %eax, %dx
    xor %edi, %edi
    xor %ebp, %ebp              # whether the last port answered
.Lport:
    lea -PM_TIMER(%edi), %eax
    cmp $4, %eax
    jb .Lsilent
    mov %edi, %edx
    in %dx, %al
    cmp $0xff, %al
    jne .Lanswers
    in %dx, %al
    cmp $0xff, %al
    jne .Lanswers
.Lsilent:
    test %ebp, %ebp
    jz .Lnext_port
    lea -1(%edi), %eax
    show "-", 4
    newline
    xor %ebp, %ebp
    jmp .Lnext_port
.Lanswers:
    test %ebp, %ebp
    jnz .Lnext_port
    mov %edi, %eax
    show "ports ", 4
    mov $1, %ebp
.Lnext_port:
    inc %edi
    cmp $0x10000, %edi
    jb .Lport
    ret

    data
    .balign 4
function:
    .long 0
msrs:
    .long 0x1b, 0xfe, 0x277, 0x2ff, 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f
    .long 0x200, 0x201, 0x202, 0x203, 0x204, 0x205, 0x206, 0x207, 0x208, 0x209, 0x20a, 0x20b, 0x20c, 0x20d, 0x20e
    .long 0x20f, 0
apic_registers:
    .irp register, 0x20, 0x30, 0x80, 0x90, 0xa0, 0xd0, 0xe0, 0xf0, 0x280, 0x300, 0x310, 0x320, 0x330, 0x340, 0x350
    .long LAPIC + \register
    .endr
    .irp register, 0x360, 0x370, 0x380, 0x390, 0x3e0
    .long LAPIC + \register
    .endr
    .irp register, 0, 4, 0x10, 0x20, 0x100, 0x104, 0x108, 0x120, 0x124, 0x128, 0x140, 0x144
    .long HPET + \register
    .endr
    .long 0
registers:
    .word 0x08, 0x21, 0xa1, 0x4d0, 0x4d1, 0x64, 0x92, 0xb2, 0xb3, 0xcf9, 0x1f1, 0x1f2, 0x1f3, 0x1f4, 0x1f5, 0x1f6, 0x1f7
    .word 0x171, 0x172, 0x173, 0x174, 0x175, 0x176, 0x177, 0x3f6, 0x376, 0x3f0, 0x3f1, 0x3f2, 0x3f3, 0x3f4, 0x3f7
    .word 0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x3fd, 0x3fe, 0x3ff, 0x2f9, 0x2fa, 0x2fb, 0x2fc, 0x2fd, 0x2fe, 0x378, 0x379, 0x37a
    .word 0x3cc, 0x3ca, 0x602, 0x603, 0x604, 0x605, 0x612, 0x700, 0xae00, 0xae04, 0xae08, 0xae0c, 0xae10
    .word 0xaf00, 0xaf04, 0xaf05, 0xaf08, 0xafe0, 0xafe1, 0xafe2, 0xafe3, 0
pm1_writes:
    .word 0x603, 0x5a, 0x602, 0xa5, 0x604, 0x03, 0x605, 0x04, 0x604, 0x01, 0x605, 0x00, 0x602, 0x00, 0x603, 0x00, 0
    code
