# fw_cfg by ports: signature, size of memory, CPUs, reads past an end.
#
# Link at 0x100000

    .include "guest.inc"

SELECTOR = 0x510
DATA = 0x511
KEY_SIGNATURE = 0x00
KEY_RAM_SIZE = 0x03
KEY_CPUS = 0x05
KEY_MAX_CPUS = 0x0f

.macro select key:req
    mov $SELECTOR, %edx
    mov $\key, %ax
    out %ax, %dx
.endm

main:
    select KEY_SIGNATURE
    call read_long
    expect "signature", $0x554d4551
    call read_long
    expect "past the end of the signature", $0

    select KEY_RAM_SIZE
    call read_long
    mov %eax, %ebp
    print "RAM "
    mov %ebp, %eax
    call put_hex
    print "\n"
    call read_long
    expect "RAM size, upper half", $0

    select KEY_CPUS
    call read_long
    and $0xffff, %eax
    mov %eax, %ebp
    print "CPUS "
    mov %ebp, %eax
    call put_hex
    print "\n"
    select KEY_MAX_CPUS
    call read_long
    and $0xffff, %eax
    expect "most CPUs", %ebp

    select KEY_SIGNATURE
    mov $DATA, %edx
    mov $signature, %edi
    mov $4, %ecx
    cld
    rep insb
    mov signature, %eax
    expect "signature by a string read", $0x554d4551

    select 0x3fff
    call read_long
    expect "a key that there is not", $0
    ret

# Four data bytes, the first one lowest.
read_long:
    push %ebx
    mov $DATA, %edx
    mov $4, %ecx
.Lnext_byte:
    shr $8, %ebx
    in %dx, %al
    shl $24, %eax
    or %eax, %ebx
    dec %ecx
    jnz .Lnext_byte
    mov %ebx, %eax
    pop %ebx
    ret

    data
    .balign 4
signature:
    .long 0
