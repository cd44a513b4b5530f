# The expansion ROM of the display adapter. Firmware copies it to C0000h and calls it; it then leads INT 10h to the
# services in Java (package jkvm.bios.video), and holds what programs may look at: fonts, parameters of modes. Offsets
# of these are in VideoRom.
#
# Link at 0

    .code16
    .include "../frame.inc"

SERVICE_VIDEO_START = 0x102
SEGMENT = 0xc000
VECTOR_10 = 4 * 0x10
SIZE = 0x4000

    .globl _start
_start:
    .byte 0x55, 0xaa            # the mark of an expansion ROM
    .byte SIZE / 512
    jmp start                   # offset 3: called by firmware
    .org 0x18
    .word pci                   # the PCI data structure
    .word 0
    .org 0x1e
    .ascii "IBM"                # by which programs know a VGA's ROM
    .byte 0

    .org 0x40                   # save pointers: the parameters' table, then none that programs could change
    .word parameters, SEGMENT
    .word 0, 0, 0, 0, 0, 0
    .word more_pointers, SEGMENT
    .word 0, 0, 0, 0

    .org 0x80                   # functionality: modes 0-7, 0Dh-13h; 200, 350 and 400 lines; fonts; function 12h's parts
    .byte 0xff, 0xe0, 0x0f, 0, 0, 0, 0, 0x07, 0x02, 0x08, 0xff, 0x0e, 0, 0, 0x3f, 0

    .org 0xa0
    .asciz "jkvm VGA BIOS"

    .org 0xc0                   # the window function of VBE, by far call: BH, BL and DX as in function 4F05h
    mov $0x4f05, %ax
    int $0x10
    lret

more_pointers:                  # 26 bytes: its length, the display's combination, none of the rest
    .word 26
    .word combinations, SEGMENT
    .fill 20, 1, 0
combinations:                   # two pairs: none, a VGA with a colour display
    .byte 2, 1, 8, 0
    .byte 0, 0
    .byte 0, 8

    .align 4
pci:
    .ascii "PCIR"
    .word 0x1234, 0x1111        # vendor, device
    .word 0, 24                 # no product data; the structure's length
    .byte 0, 0, 0, 3            # revision; class: display, VGA
    .word SIZE / 512
    .word 1                     # the code's revision
    .byte 0, 0x80               # PC code; the last image
    .word 0

start:
    pushf
    pushal
    push %ds
    xor %ax, %ax
    mov %ax, %ds
    movw $int10, VECTOR_10
    mov %cs, VECTOR_10 + 2
    cli
    call_service start_service
    pop %ds
    popal
    popf
    lret
start_service:
    service SERVICE_VIDEO_START

int10:
    service 0x10

    define_trap

    .org 0x400
parameters:
    .include "vga-parameters.inc"
    .org 0x1000
    .include "font-8x8.inc"
    .org 0x1800
    .include "font-8x14.inc"
    .org 0x2600
    .include "font-8x16.inc"
    .org SIZE
