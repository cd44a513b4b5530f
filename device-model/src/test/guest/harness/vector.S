# A whole boot ROM of 64 KiB, entered at its reset vector. It jumps to a payload of real mode code at 0x100000.
# Link at 0x0, loaded at 0xf0000 (segment 0xf000).
	.code16
start:	mov	$0x3f8, %dx
	mov	$'R', %al
	out	%al, (%dx)
	mov	$0xffff, %ax
	mov	%ax, %ds
	mov	0x10, %al		# ffff:0010 is the payload's first byte
	out	%al, (%dx)
	hlt
	.org	0xfff0
	ljmp	$0xf000, $start
	.org	0x10000
