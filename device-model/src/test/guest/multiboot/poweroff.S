# ACPI by ports as on QEMU's pc: the PM timer runs, a write to PM1a control powers off. Powering off ends with status 0.
#
# Link at 0x100000

    .include "guest.inc"

PM1A_CONTROL = 0x604
PM_TIMER = 0x608
SLEEP_ENABLE_S5 = 0x2000

main:
    mov $PM_TIMER, %edx
    in %dx, %eax
    mov %eax, %ebx
    call settle
    mov $PM_TIMER, %edx
    in %dx, %eax
    sub %ebx, %eax
    and $0xffffff, %eax
    dec %eax
    cmp $0x400000, %eax
    expect_flag b, "the PM timer counts up"
    cmpl $0, failures
    jne .Lfailed
    mov $PM1A_CONTROL, %edx
    mov $SLEEP_ENABLE_S5, %ax
    out %ax, %dx
    call settle
    call settle
    print "FAIL still running\n"
    incl failures
.Lfailed:
    ret
