# A guest for short experiments: it writes to port 0xf4 when it is ready. Then it changes 16 pages, the serial port, the
# interrupt controller, the interval timer and the local APIC, and writes to the port again. A multiboot kernel.
# Link at 0x100000
	.set	PORT, 0xf4
	.set	PAGES, 0x300000
	.set	PAGE, 0x1000
	.set	SCRATCH, 0x3ff		# of the serial port
	.set	PIC_MASK, 0x21
	.set	TIMER_CONTROL, 0x43
	.set	TIMER_2, 0x42
	.set	LAPIC_TIMER, 0xfee00320

	.code32
start:	jmp	ready
	.balign	4
multiboot:
	.long	0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
	.long	multiboot, start, end, end, start

ready:	mov	$0x5a, %al
	out	%al, $PORT
	mov	$PAGES, %edi
	mov	$16, %ecx
1:	incl	(%edi)
	add	$PAGE, %edi
	loop	1b
	mov	$SCRATCH, %edx
	out	%al, %dx
	out	%al, $PIC_MASK
	mov	$0xb0, %al
	out	%al, $TIMER_CONTROL
	out	%al, $TIMER_2
	movl	$0x10040, LAPIC_TIMER
	out	%al, $PORT
1:	hlt
	jmp	1b
end:
