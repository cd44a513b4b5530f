# Lesson 15. Tells the host that it is ready, sleeps until an interrupt comes, and starts again. IRQ 5 is vector 0x25.
# Link at 0x1000
	.code16
	cli
	mov	$0x7000, %sp
	movw	$on_interrupt, 0x25 * 4
	movw	$0, 0x25 * 4 + 2

	mov	$0x11, %al	# PIC: as in lesson 10
	out	%al, $0x20
	mov	$0x20, %al
	out	%al, $0x21
	mov	$0x04, %al
	out	%al, $0x21
	mov	$0x01, %al
	out	%al, $0x21
	mov	$0xdf, %al	# mask all but IRQ 5
	out	%al, $0x21

1:	out	%al, $0xe0	# ready
	sti
	hlt
	cli
	jmp	1b

on_interrupt:
	push	%ax
	out	%al, $0xe1	# it has come
	mov	$0x20, %al	# end of interrupt
	out	%al, $0x20
	pop	%ax
	iret
