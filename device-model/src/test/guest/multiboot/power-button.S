# The ACPI power button, as an operating system hears of it: prints "ready", sleeps until the system control interrupt,
# acknowledges the button and powers off.
#
# Link at 0x100000

    .include "guest.inc"

PM1A_STATUS = 0x600
PM1A_ENABLE = 0x602
PM1A_CONTROL = 0x604
POWER_BUTTON = 0x100
SLEEP_ENABLE_S5 = 0x2000
SCI = 9
LINT0 = LAPIC + 0x350
EXTERNAL = 0x700

main:
    call pic_setup
    call lapic_setup
    movl $EXTERNAL, LINT0
    gate $IRQ_BASE+SCI, sci
    out_byte PIC1_DATA, $0xfb
    out_byte PIC2_DATA, $0xfd
    mov $PM1A_ENABLE, %edx
    mov $POWER_BUTTON, %ax
    out %ax, %dx
    print "ready\n"
.Lasleep:
    sti
    hlt
    cli
    cmpl $0, sci_count
    je .Lasleep

    mov $PM1A_STATUS, %edx
    in %dx, %ax
    and $POWER_BUTTON, %eax
    expect "the power button was pressed", $POWER_BUTTON
    mov $PM1A_STATUS, %edx
    mov $POWER_BUTTON, %ax
    out %ax, %dx
    in %dx, %ax
    and $POWER_BUTTON, %eax
    expect "and is acknowledged", $0
    cmpl $0, failures
    jne .Lfailed
    mov $PM1A_CONTROL, %edx
    mov $SLEEP_ENABLE_S5, %ax
    out %ax, %dx
    call settle
    print "FAIL still running\n"
    incl failures
.Lfailed:
    ret

    counting_handler sci, pic2
