# Real mode: one string instruction sends a line to the serial port.
# Link at 0x0, loaded at 0xf0000 (segment 0xf000).
	.code16
	mov	%cs, %ax
	mov	%ax, %ds
	mov	$0x3f8, %dx
	mov	$text, %si
	mov	$(text_end - text), %cx
	cld
	rep	outsb
	hlt
text:	.ascii	"Hello from the guest\n"
text_end:
