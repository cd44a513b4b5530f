# Two loops that jkvm doctor times. Real mode, CS = DS = 0. Link at 0x1000
	.code16
exits:	out	%al, $0x80		# one exit a lap
	jmp	exits

	.org	0x10
spin:	mov	0x2000, %ecx		# as many laps of two instructions as the host has put here, then one exit
1:	dec	%ecx
	jnz	1b
	out	%al, $0x80
	jmp	spin
