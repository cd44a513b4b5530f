# Suspends the machine to RAM (ACPI's S3), with real-mode code as its waking vector. The last character of the command
# line is r to be woken by the clock's alarm each second, else something outside must do it. Woken, it writes what it
# finds to the first serial port: "woken", then B for the power button or C for the clock, then K if its memory was kept,
# and ends with 0.
#
# Link at 0x100000

    .include "guest.inc"

CMDLINE = 16
FACS = 0x9ffc0                   # of the FADT: machines with jkvm's own tables have it there
FACS_SIGNATURE = 0x53434146
FACS_VECTOR = 12
WAKING_VECTOR = 0x8000
KEPT = 0x9000                   # a word of the guest's
KEPT_VALUE = 0x4b56
PM1_STATUS = 0x600
PM1_ENABLE = 0x602
PM1_CONTROL = 0x604
RTC_ENABLE = 0x400
SLEEP_S3 = 0x2400
ANY = 0xc0                      # in an alarm's register: at any time

main:
    mov boot_info, %ebp
    mov CMDLINE(%ebp), %esi
.Lto_end:
    cmpb $0, (%esi)
    je .Lat_end
    inc %esi
    jmp .Lto_end
.Lat_end:
    mov -1(%esi), %bl
    mov $waking, %esi
    mov $WAKING_VECTOR, %edi
    mov $waking_end - waking, %ecx
    cld
    rep movsb
    movw $KEPT_VALUE, KEPT
    mov $FACS, %edi
    mov (%edi), %eax
    expect "the control structure is there", $FACS_SIGNATURE
    cmpl $0, failures
    jne .Lno_facs
    movl $WAKING_VECTOR, FACS_VECTOR(%edi)
    cmp $'r', %bl
    jne .Lsleep
    mov $1, %bl                 # the alarm's registers: 1, 3, 5
.Lalarm:
    mov %bl, %al
    out %al, $0x70
    mov $ANY, %al
    out %al, $0x71
    add $2, %bl
    cmp $7, %bl
    jb .Lalarm
    mov $0x0b, %al
    out %al, $0x70
    in $0x71, %al
    or $0x20, %al
    mov %al, %ah
    mov $0x0b, %al
    out %al, $0x70
    mov %ah, %al
    out %al, $0x71
    mov $PM1_ENABLE, %edx
    mov $RTC_ENABLE, %ax
    out %ax, %dx
.Lsleep:
    print "sleeping\n"
    mov $PM1_CONTROL, %edx
    mov $SLEEP_S3, %ax
    out %ax, %dx
    call settle
    print "FAIL still running\n"
    incl failures
.Lno_facs:
    ret

    .code16
waking:                         # runs in a copy
    xor %ax, %ax
    mov %ax, %ds
    mov $COM1, %dx
    mov $'w', %al
    out %al, %dx
    mov $'o', %al
    out %al, %dx
    mov $'k', %al
    out %al, %dx
    mov $'e', %al
    out %al, %dx
    mov $'n', %al
    out %al, %dx
    mov $PM1_STATUS, %dx
    in %dx, %ax
    mov $COM1, %dx
    cmp $0x8100, %ax
    jne 1f
    mov $'B', %al
    out %al, %dx
1:  cmp $0x8400, %ax
    jne 1f
    mov $'C', %al
    out %al, %dx
1:  cmpw $KEPT_VALUE, KEPT
    jne 1f
    mov $'K', %al
    out %al, %dx
1:  xor %al, %al
    out %al, $DEBUG_EXIT
1:  hlt
    jmp 1b
waking_end:
    .code32
