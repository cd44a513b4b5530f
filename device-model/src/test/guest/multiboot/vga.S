# The standard VGA: which bits its registers have, its memory's write and read modes, Bochs' display interface, and its
# frame buffer, which is moved over RAM and back. All values are those of QEMU 7.2's -vga std.
# Link at 0x100000

    .include "guest.inc"

VGA = 2 << 11
WINDOW = 0xa0000
MISC = 0x3c2
SEQUENCER = 0x3c4
GRAPHICS = 0x3ce
ATTRIBUTE = 0x3c0
CRTC = 0x3d4
STATUS = 0x3da
DISPI_INDEX = 0x1ce
DISPI_DATA = 0x1cf
OVER_RAM = 0x1000000

# Writes VALUE to register INDEX behind PORT. Changes %eax, %edx.
.macro indexed port:req, index:req, value:req
    mov $\port, %edx
    mov $((\value) << 8) + (\index), %eax
    out %ax, %dx
.endm

# Writes all ones to four registers from FIRST on, and leaves in %eax their values.
.macro sweep port:req, first:req
    mov $\port, %edx
    mov $\first, %ecx
    call sweep_four
.endm

.macro dispi index:req, value:req
    mov $DISPI_INDEX, %edx
    mov $\index, %eax
    out %ax, %dx
    mov $DISPI_DATA, %edx
    mov $\value, %eax
    out %ax, %dx
.endm

.macro dispi_read index:req
    mov $DISPI_INDEX, %edx
    mov $\index, %eax
    out %ax, %dx
    mov $DISPI_DATA, %edx
    xor %eax, %eax
    in %dx, %ax
.endm

# Reads the four planes at ADDRESS into %eax, plane 0 lowest.
.macro planes address:req
    mov $\address, %edi
    call read_planes
.endm

main:
    config_read VGA, 0
    expect "adapter", $0x11111234
    config_read VGA, 8
    expect "class and revision", $0x03000002
    config_read VGA, 0x2c
    expect "subsystem", $0x11001af4
    config_read VGA, 0x3c
    shr $8, %eax
    expect "no interrupt pin", $0
    config_read VGA, 0x10
    mov %eax, frame_buffer
    and $0xf, %eax
    expect "prefetchable memory", $8

    call registers
    call memory_modes
    call display_interface
    call over_ram
    ret

registers:
    out_byte MISC, $0xff
    in_byte 0x3cc
    expect "miscellaneous output", $0xef
    sweep SEQUENCER, 0
    expect "sequencer 0 to 3", $0x3f0f3d03
    sweep SEQUENCER, 4
    expect "sequencer 4 to 7", $0xff00000e
    sweep GRAPHICS, 0
    expect "graphics 0 to 3", $0x1f0f0f0f
    sweep GRAPHICS, 4
    expect "graphics 4 to 7", $0x0f0f7b03
    sweep GRAPHICS, 8
    expect "graphics 8 to 11", $0x000000ff
    out_byte GRAPHICS, $0xf5
    in_byte GRAPHICS
    expect "index of graphics", $5
    out_byte SEQUENCER, $0xfd
    in_byte SEQUENCER
    expect "index of sequencer", $5
    indexed CRTC, 0x11, 0
    sweep CRTC, 0
    expect "controller 0 to 3", $0xffffffff
    sweep CRTC, 0x12
    expect "controller 18 to 21", $0xffffffff
    indexed CRTC, 7, 0
    indexed CRTC, 0, 0x5f
    indexed CRTC, 0x11, 0x8e
    indexed CRTC, 0, 0x11
    indexed CRTC, 7, 0xff
    out_byte CRTC, $0
    in_byte CRTC + 1
    expect "protected register", $0x5f
    out_byte CRTC, $7
    in_byte CRTC + 1
    expect "one bit of a protected register", $0x10
    mov $0x3b5, %edx
    xor %eax, %eax
    in %dx, %al
    expect "nothing at the other place", $0xff
    call attributes
    call colours
    ret

attributes:
    mov $0, %ebx
    xor %edi, %edi
1:  mov $STATUS, %edx
    in %dx, %al
    mov $ATTRIBUTE, %edx
    mov %ebx, %eax
    out %al, %dx
    mov $0xff, %al
    out %al, %dx
    mov %ebx, %eax
    out %al, %dx
    inc %edx
    xor %eax, %eax
    in %dx, %al
    rol $3, %edi
    xor %eax, %edi
    inc %ebx
    cmp $0x20, %ebx
    jb 1b
    mov %edi, %eax
    expect "bits of all attributes", $0x00190369
    in_byte ATTRIBUTE
    expect "no index while data is expected", $0
    in_byte STATUS
    in_byte ATTRIBUTE
    expect "index", $0x1f
    # The beam comes to the retrace and leaves it.
    mov $STATUS, %edx
2:  in %dx, %al
    test $8, %al
    jz 2b
3:  in %dx, %al
    test $8, %al
    jnz 3b
    print "PASS retrace\n"
    ret

colours:
    out_byte 0x3c8, $17
    in_byte 0x3c7
    expect "writes colours", $0
    out_byte 0x3c9, $1
    out_byte 0x3c9, $2
    out_byte 0x3c7, $17
    in_byte 0x3c7
    expect "reads colours", $3
    out_byte 0x3c8, $17
    out_byte 0x3c9, $0x3f
    out_byte 0x3c9, $0x21
    out_byte 0x3c9, $0x12
    in_byte 0x3c8
    expect "next colour", $18
    out_byte 0x3c7, $17
    xor %ebx, %ebx
    mov $0x3c9, %edx
    mov $3, %ecx
1:  xor %eax, %eax
    in %dx, %al
    shl $8, %ebx
    or %eax, %ebx
    loop 1b
    mov %ebx, %eax
    expect "colour", $0x3f2112
    ret

memory_modes:
    indexed SEQUENCER, 4, 6
    indexed GRAPHICS, 0, 0
    indexed GRAPHICS, 1, 0
    indexed GRAPHICS, 3, 0
    indexed GRAPHICS, 5, 0
    indexed GRAPHICS, 6, 5
    indexed GRAPHICS, 8, 0xff
    indexed SEQUENCER, 2, 1
    movb $0x11, WINDOW
    indexed SEQUENCER, 2, 2
    movb $0x32, WINDOW
    indexed SEQUENCER, 2, 4
    movb $0x54, WINDOW
    indexed SEQUENCER, 2, 8
    movb $0x78, WINDOW
    indexed SEQUENCER, 2, 0xf
    planes WINDOW
    expect "four planes", $0x78543211

    indexed GRAPHICS, 0, 0xa
    indexed GRAPHICS, 1, 3
    movb $0x3c, WINDOW + 1
    planes WINDOW + 1
    expect "set and reset", $0x3c3cff00
    indexed GRAPHICS, 1, 0
    indexed GRAPHICS, 3, 3
    mov WINDOW, %al
    movb $0x81, WINDOW + 1
    planes WINDOW + 1
    expect "rotated", $0x30303030
    indexed GRAPHICS, 3, 8
    mov WINDOW, %al
    movb $0xf0, WINDOW + 1
    planes WINDOW + 1
    expect "and", $0x70503010
    indexed GRAPHICS, 3, 0x10
    mov WINDOW, %al
    movb $0x0f, WINDOW + 1
    planes WINDOW + 1
    expect "or", $0x7f5f3f1f
    indexed GRAPHICS, 3, 0x1c
    mov WINDOW, %al
    movb $0x0f, WINDOW + 1
    planes WINDOW + 1
    expect "rotated, exclusive or", $0x88a4c2e1
    indexed GRAPHICS, 3, 0
    indexed GRAPHICS, 8, 0x0f
    mov WINDOW, %al
    movb $0xff, WINDOW + 1
    planes WINDOW + 1
    expect "bit mask", $0x7f5f3f1f
    indexed GRAPHICS, 5, 1
    mov WINDOW, %al
    movb $0xee, WINDOW + 1
    indexed GRAPHICS, 5, 0
    planes WINDOW + 1
    expect "write mode 1", $0x78543211
    indexed GRAPHICS, 5, 2
    mov WINDOW, %al
    movb $0x06, WINDOW + 1
    indexed GRAPHICS, 5, 0
    planes WINDOW + 1
    expect "write mode 2", $0x705f3f10
    indexed GRAPHICS, 5, 3
    indexed GRAPHICS, 8, 0x3c
    mov WINDOW, %al
    movb $0x18, WINDOW + 1
    indexed GRAPHICS, 5, 0
    planes WINDOW + 1
    expect "write mode 3", $0x78443a01
    indexed GRAPHICS, 5, 8
    indexed GRAPHICS, 2, 3
    indexed GRAPHICS, 7, 0xf
    xor %eax, %eax
    mov WINDOW, %al
    expect "read mode 1", $0x00
    indexed GRAPHICS, 7, 1
    xor %eax, %eax
    mov WINDOW, %al
    expect "read mode 1 with one plane", $0x11
    indexed GRAPHICS, 5, 0
    indexed GRAPHICS, 8, 0xff

    # Odd and even bytes, chained bytes, and the places of the window.
    indexed GRAPHICS, 4, 0
    indexed GRAPHICS, 5, 0x10
    indexed GRAPHICS, 6, 0xe
    indexed SEQUENCER, 2, 3
    movl $0x17421741, 0xb8004
    indexed GRAPHICS, 5, 0
    indexed GRAPHICS, 6, 5
    planes WINDOW + 2
    and $0xffff, %eax
    expect "character and attribute", $0x1741
    xor %eax, %eax
    mov 0xb8000, %al
    expect "nothing outside of the window", $0xff
    indexed SEQUENCER, 2, 0xb
    indexed SEQUENCER, 4, 0xe
    movl $0x44332211, WINDOW + 0x10
    mov WINDOW + 0x10, %eax
    and $0xff00ffff, %eax
    expect "chained, without plane 2", $0x44002211
    indexed SEQUENCER, 4, 6
    planes WINDOW + 4
    and $0xff00ffff, %eax
    expect "chained bytes in planes", $0x44002211
    ret

display_interface:
    dispi_read 0
    expect "identification", $0xb0c5
    dispi_read 10
    expect "memory in 64 KiB", $0x100
    dispi 4, 2
    dispi_read 1
    expect "largest width", $16000
    dispi_read 3
    expect "most bits", $32
    dispi 4, 0
    dispi 1, 803
    dispi 2, 600
    dispi 3, 32
    dispi_read 1
    expect "width as written", $803
    dispi 4, 0x41
    dispi_read 1
    expect "width that fits", $800
    dispi_read 6
    expect "virtual width", $800
    dispi_read 7
    expect "virtual height", $5242
    dispi 6, 1024
    dispi 9, 5000
    dispi_read 9
    expect "offset that does not fit", $0
    dispi 9, 1000
    dispi_read 9
    expect "offset", $1000
    sweep GRAPHICS, 4
    expect "graphics of the interface", $0x0f075b03
    dispi 5, 3
    movb $0x5a, WINDOW + 7
    mov frame_buffer, %ebx
    and $~0xf, %ebx
    xor %eax, %eax
    mov 0x30007(%ebx), %al
    expect "bank", $0x5a
    dispi 4, 0
    dispi_read 4
    expect "off", $0
    ret

# RAM is seen before a frame buffer that lies over it.
over_ram:
    mov frame_buffer, %ebx
    and $~0xf, %ebx
    movl $0xcafe0001, (%ebx)
    movl $0xbeef0002, OVER_RAM
    config_write VGA, 0x10, $OVER_RAM
    mov OVER_RAM, %eax
    expect "RAM below the frame buffer", $0xbeef0002
    movl $0xbeef0003, OVER_RAM
    config_write VGA, 0x10, $0xe0000000
    mov OVER_RAM, %eax
    expect "RAM was written", $0xbeef0003
    mov 0xe0000000, %eax
    expect "frame buffer elsewhere", $0xcafe0001
    config_write VGA, 4, $0
    config_write VGA, 4, $3
    movl $0xcafe0004, 0xe0000000
    config_write VGA, 0x10, frame_buffer
    mov frame_buffer, %ebx
    and $~0xf, %ebx
    mov (%ebx), %eax
    expect "frame buffer where it was", $0xcafe0004
    ret

# The index port is %edx, the first register %ecx.
sweep_four:
    xor %ebx, %ebx
    mov $4, %edi
1:  mov %ecx, %eax
    out %al, %dx
    inc %edx
    mov $0xff, %al
    out %al, %dx
    in %dx, %al
    dec %edx
    mov %al, %bl
    ror $8, %ebx
    inc %ecx
    dec %edi
    jnz 1b
    mov %ebx, %eax
    ret

# The address is %edi.
read_planes:
    xor %ecx, %ecx
    xor %ebx, %ebx
1:  mov $GRAPHICS, %edx
    mov %ecx, %eax
    shl $8, %eax
    or $4, %eax
    out %ax, %dx
    mov (%edi), %bl
    ror $8, %ebx
    inc %ecx
    cmp $4, %ecx
    jb 1b
    mov %ebx, %eax
    ret

    data
    .balign 4
frame_buffer:
    .long 0
    code
