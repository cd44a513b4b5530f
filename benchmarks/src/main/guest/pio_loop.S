# One exit a lap. Real mode, CS = 0. Link at 0x1000
	.code16
loop:	out	%al, (%dx)
	jmp	loop
