# Ways to reset the machine. The last character of the command line chooses: c port 0xcf9, k the keyboard controller,
# p port 0x92, t triple fault, by a division, which KVM's emulator raises too. Under -no-reboot each ends with status 0.
#
# Link at 0x100000

    .include "guest.inc"

CMDLINE = 16

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
    print "resetting\n"
    cmp $'c', %bl
    je by_reset_control
    cmp $'k', %bl
    je by_keyboard_controller
    cmp $'p', %bl
    je by_port_92
    cmp $'t', %bl
    je by_triple_fault
    print "FAIL unknown way"
still_running:
    call settle
    call settle
    print "FAIL still running\n"
    incl failures
    ret

by_reset_control:
    out_byte 0xcf9, $0x02
    out_byte 0xcf9, $0x06
    jmp still_running

by_keyboard_controller:
    out_byte 0x64, $0xfe
    jmp still_running

by_port_92:
    out_byte 0x92, $0x03
    jmp still_running

by_triple_fault:
    lidt no_idt
    xor %edx, %edx
    mov $1, %eax
    div %edx
    jmp still_running

    data
no_idt:
    .word 0
    .long 0
