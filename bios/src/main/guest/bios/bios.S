# The ROM of the built-in BIOS: the last 8 KiB of the F segment. Its handlers trap to jkvm, where the services are Java
# classes (package jkvm.bios); the code here is what only the processor can do: begin, answer interrupts, wait, call the
# guest's own handlers, and give the machine to a boot sector. The addresses are those of IBM's PCs, which programs
# know by heart.
#
# Link at 0xe000

    .code16
    .include "../frame.inc"

ORIGIN = 0xe000
POST_STACK = 0x7000
BOOT_STACK = 0x6f04             # where a boot sector finds its stack, as under SeaBIOS
SERVICE_POST = 0x100            # numbers above the vectors': see ServiceTable
SERVICE_ROMS = 0x101
SERVICE_RESUME = 0x103
RESUME_STACK = 0xf0             # in the BIOS data area: the rest of memory is the guest's
CLOCK_SHUTDOWN = 0x8f           # the clock's byte that says why the machine starts, with NMIs masked
RESUME = 0xfe                   # its value after a suspend to RAM

.macro at address
    .org \address - ORIGIN
.endm

.macro end_master
    mov $0x20, %al
    out %al, $0x20
.endm
.macro end_slave
    mov $0x20, %al
    out %al, $0xa0
    out %al, $0x20
.endm

.macro begin_boot               # the stack of whoever was booted before is gone
    cli
    xor %ax, %ax
    mov %ax, %ss
    mov $BOOT_STACK, %sp
    pushf
    push %cs
.endm

    .globl _start
_start:
    .ascii "jkvm"

    at 0xe020                   # "plug and play" BIOS 1.0a: option ROMs look for it, and boot by its rules then
    .ascii "$PnP"
    .byte 0x10, 0x21            # version, size
    .word 0                     # events: none
    .byte 0x4f                  # makes the sum of all bytes zero
    .long 0
    .word pnp, 0xf000           # entry from real mode, and from protected mode
    .word pnp
    .long 0xf0000
    .long 0
    .word 0xf000                # data
    .long 0xf0000

    at 0xe048
pnp:
    mov $0x82, %ax              # no function is supported
    lret

    at 0xe05b
post:
    cli
    cld
    mov $0x11, %al              # interrupt controllers: edges, two of them, vectors 08h and 70h
    out %al, $0x20
    out %al, $0xa0
    mov $0x08, %al
    out %al, $0x21
    mov $0x70, %al
    out %al, $0xa1
    mov $0x04, %al
    out %al, $0x21
    mov $0x02, %al
    out %al, $0xa1
    mov $0x01, %al
    out %al, $0x21
    out %al, $0xa1
    mov $CLOCK_SHUTDOWN, %al
    out %al, $0x70
    in $0x71, %al
    cmp $RESUME, %al
    jne cold
    mov $0xff, %al              # the guest opens the interrupt controllers
    out %al, $0x21
    out %al, $0xa1
    mov $CLOCK_SHUTDOWN, %al
    out %al, $0x70
    xor %al, %al
    out %al, $0x71
    mov $0x40, %ax
    mov %ax, %ss
    mov $RESUME_STACK, %sp
    call_service resume_service # does not return, unless there is nothing to resume
cold:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $POST_STACK, %sp
    mov $0xb8, %al              # open: timer, keyboard, the other controller, floppy disk
    out %al, $0x21
    mov $0x8e, %al              # open: clock, mouse, coprocessor, disk
    out %al, $0xa1
    mov $0x34, %al              # timer: 18.2 interrupts a second
    out %al, $0x43
    xor %al, %al
    out %al, $0x40
    out %al, $0x40
    call_service post_service
    call_service roms_service
    sti
    int $0x19
post_service:
    service SERVICE_POST
roms_service:
    service SERVICE_ROMS
resume_service:
    service SERVICE_RESUME

halt:                           # nothing more to do; interrupts go on
    sti
1:  hlt
    jmp 1b

    at 0xe2c3
nmi:
    iret

    at 0xe3fe
int13:
    service 0x13

    at 0xe408
# Offsets of the handlers of all vectors, which the power-on self test copies into the table of interrupts.
vectors:
    .word just_return, just_return, nmi, just_return, just_return, just_return, just_return, just_return    # 00h
    .word int08, int09, master, master, master, master, master, master                                    # 08h
    .word int10, int11, int12, int13, int14, int15, int16, int17                                           # 10h
    .word int18, int19, int1a, just_return, just_return, just_return, diskette_parameters, just_return      # 18h
    .rept 0x40 - 0x20
    .word just_return
    .endr
    .word int40, just_return, just_return, just_return, just_return, just_return, just_return, just_return  # 40h
    .rept 0x70 - 0x48
    .word just_return
    .endr
    .word int70, slave, slave, slave, int74, slave, int76, slave                                           # 70h
    .rept 0x100 - 0x78
    .word just_return
    .endr

    at 0xe6f2
    jmp int19

    at 0xe6f5
configuration:                  # INT 15h, AH=C0h: length, model, submodel, revision, features
    .word 8
    .byte 0xfc, 0x01, 0x00
    .byte 0x74                  # second interrupt controller, clock, INT 15h AH=4Fh is called, extended data area
    .byte 0x40                  # INT 16h AH=09h
    .byte 0, 0, 0

    at 0xe739
int14:
    service 0x14

    at 0xe82e
int16:
    service 0x16

    at 0xe987
    jmp int09

    at 0xec59
    jmp int40

    at 0xefc7
diskette_parameters:            # 1.44 MB: step rate, motor, 512 bytes, 18 sectors, gaps, fill byte, head, motor
    .byte 0xaf, 0x02, 0x25, 0x02, 0x12, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08

    at 0xefd2
    jmp int17

    at 0xf045
int10:
    service 0x10
int17:
    service 0x17

    define_trap

# Interrupt controllers' interrupts that nobody has asked for.
master:
    push %ax
    end_master
    pop %ax
    iret
slave:
    push %ax
    end_slave
    pop %ax
    iret

int08:                          # timer
    call_service tick_service
    int $0x1c
    push %ax
    end_master
    pop %ax
    iret
tick_service:
    service 0x08

int09:                          # keyboard: programs may drop a scan code or put another in its place
    push %ax
    in $0x60, %al
    mov $0x4f, %ah
    stc
    int $0x15
    jnc 1f
    call_service scan_code_service
1:  end_master
    pop %ax
    iret
scan_code_service:
    service 0x09

int70:                          # real-time clock
    call_service clock_service
    push %ax
    end_slave
    pop %ax
    iret
clock_service:
    service 0x70

int74:                          # mouse: with carry, a packet is complete and the program's handler at ES:DI is to get it
    pushal
    push %ds
    push %es
    call_service mouse_service
    jnc 1f
    push %ax                    # status
    push %bx                    # X
    push %cx                    # Y
    push %dx                    # Z
    push %cs
    pushw $2f
    push %es
    push %di
    lret
2:  add $8, %sp
1:  pop %es
    pop %ds
    end_slave
    popal
    iret
mouse_service:
    service 0x74

int76:                          # disk: the BIOS data area tells that it has interrupted
    push %ax
    push %ds
    xor %ax, %ax
    mov %ax, %ds
    movb $0xff, 0x48e
    end_slave
    pop %ds
    pop %ax
    iret

int19:                          # boot: the stack is the boot sector's, its registers come from the service
    begin_boot
    call boot_service
    jmp halt                    # unless the service has put another address into its frame
boot_service:
    service 0x19
int18:                          # the next attempt
    begin_boot
    call next_boot_service
    jmp halt
next_boot_service:
    service 0x18

int40:
    service 0x40

    at 0xf841
int12:
    service 0x12

    at 0xf84d
int11:
    service 0x11

    at 0xf859
int15:
    service 0x15

    at 0xfe6e
int1a:
    service 0x1a

    at 0xfea5
    jmp int08

    at 0xff53
just_return:
    iret

    at 0xfff0
    ljmp $0xf000, $post
    .ascii "06/23/99"           # where programs look for the BIOS's date
    .byte 0
    .byte 0xfc                  # the model: AT
    .byte 0
