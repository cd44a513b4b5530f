# Prints the values that a multiboot loader passes: magic, memory sizes, command line, modules with their strings,
# memory map; the command line after the kernel's name, and each module's string after the file's name and its first
# line.
#
# Link at 0x100000

    .include "guest.inc"

FLAGS = 0
MEM_LOWER = 4
MEM_UPPER = 8
CMDLINE = 16
MODS_COUNT = 20
MODS_ADDR = 24
MMAP_LENGTH = 44
MMAP_ADDR = 48

main:
    mov boot_magic, %eax
    expect "magic", $0x2badb002
    mov boot_info, %ebp
    mov FLAGS(%ebp), %eax
    and $0x4d, %eax
    expect "memory, command line, modules and memory map are given", $0x4d
    mov MEM_LOWER(%ebp), %eax
    cmp $600, %eax
    expect_flag ae, "lower memory"
    mov MEM_UPPER(%ebp), %eax
    and $~0x1ff, %eax
    sub $62 * 1024, %eax
    cmp $1024, %eax
    expect_flag be, "upper memory"

    print "command line: "
    mov CMDLINE(%ebp), %esi
    call put_arguments
    print "\n"

    mov MODS_COUNT(%ebp), %ebx
    mov MODS_ADDR(%ebp), %edi
.Lnext_module:
    test %ebx, %ebx
    jz .Lmodules_done
    print "module: "
    mov 8(%edi), %esi
    call put_arguments
    print ": "
    mov (%edi), %esi
    mov 4(%edi), %ecx
    call put_line
    mov (%edi), %eax
    and $0xfff, %eax
    expect "on a page of its own", $0
    add $16, %edi
    dec %ebx
    jmp .Lnext_module
.Lmodules_done:

    # The memory map: an entry of RAM at zero and one at 1 MiB.
    mov MMAP_ADDR(%ebp), %esi
    mov MMAP_LENGTH(%ebp), %edi
    add %esi, %edi
    xor %ebx, %ebx
.Lnext_entry:
    cmp %edi, %esi
    jae .Lmap_done
    cmpl $1, 20(%esi)
    jne .Lskip_entry
    cmpl $0, 8(%esi)
    jne .Lskip_entry
    cmpl $0, 4(%esi)
    jne .Lnot_at_zero
    or $1, %ebx
.Lnot_at_zero:
    cmpl $0x100000, 4(%esi)
    jne .Lskip_entry
    or $2, %ebx
.Lskip_entry:
    add (%esi), %esi
    add $4, %esi
    jmp .Lnext_entry
.Lmap_done:
    mov %ebx, %eax
    expect "RAM at zero and at 1 MiB", $3
    ret

# Prints what follows the first space of the string at %esi.
put_arguments:
    mov (%esi), %al
    test %al, %al
    jz .Lno_arguments
    inc %esi
    cmp $' ', %al
    jne put_arguments
    jmp puts
.Lno_arguments:
    ret

# Prints from %esi to the line's end, below %ecx, and ends the line.
put_line:
    cmp %ecx, %esi
    jae .Lline_done
    mov (%esi), %al
    cmp $'\n', %al
    je .Lline_done
    call putc
    inc %esi
    jmp put_line
.Lline_done:
    mov $'\n', %al
    jmp putc
