# Real mode: handles vector 0x20, opens the interrupt window after a port write with interrupts off, and waits.
# Link at 0x0, loaded at 0xf0000 (segment 0xf000).
	.code16
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$0x7000, %sp
	movw	$handler, 0x20 * 4
	movw	%cs, 0x20 * 4 + 2
	cli
	mov	$1, %al
	out	%al, $0x10		# asks for an interrupt while it cannot be taken
	nop
	mov	$2, %al
	out	%al, $0x10
	sti
1:	cmpb	$0, 0x600
	je	1b
	mov	$4, %al
	out	%al, $0x10
	hlt
handler:
	push	%ax
	mov	$3, %al
	out	%al, $0x10
	pop	%ax
	movb	$1, 0x600
	iret
