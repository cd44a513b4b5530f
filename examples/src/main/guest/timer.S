# Lesson 10. The timer (8254 PIT) raises IRQ 0 a hundred times a second; the interrupt controller (8259 PIC) turns it
# into vector 0x20; the processor calls the address in entry 0x20 of the real mode interrupt table, which lies at 0.
# Link at 0x1000
	.set	TICKS, 5
	.code16
	cli
	mov	$0x7000, %sp		# an interrupt pushes flags, CS and IP
	movw	$on_timer, 0x20 * 4
	movw	$0, 0x20 * 4 + 2

	mov	$0x11, %al		# PIC: initialise, four words follow
	out	%al, $0x20
	mov	$0x20, %al		# IRQ 0 is vector 0x20: the first 32 belong to the processor
	out	%al, $0x21
	mov	$0x04, %al		# a second PIC at input 2
	out	%al, $0x21
	mov	$0x01, %al		# 8086 mode
	out	%al, $0x21
	mov	$0xfe, %al		# mask all but IRQ 0
	out	%al, $0x21

	mov	$0x34, %al		# PIT: counter 0, both bytes, rate generator
	out	%al, $0x43
	mov	$(11932 & 0xff), %al	# 1193182 Hz / 11932 = 100 Hz
	out	%al, $0x40
	mov	$(11932 >> 8), %al
	out	%al, $0x40

	mov	$TICKS, %cx
1:	sti				# takes effect after the next instruction: no tick is lost in between
	hlt				# sleeps until an interrupt
	cli
	mov	$0x3f8, %dx
	mov	$'.', %al
	out	%al, (%dx)
	loop	1b
	out	%al, $0xf4		# tells the host that this is the end
	hlt

on_timer:				# short, as a handler should be: the next tick may be waiting already
	push	%ax
	mov	$0x20, %al		# end of interrupt: the PIC may send the next
	out	%al, $0x20
	pop	%ax
	iret
