# Flat protected mode: writes "32" to the serial port and halts.
# Link at 0x100000
	.code32
	mov	$0x3f8, %edx
	mov	$'3', %al
	out	%al, (%dx)
	mov	$'2', %al
	out	%al, (%dx)
	hlt
