# Lesson 12. One processor starts the others, with two interrupts: INIT resets them, and the start-up interrupt (SIPI)
# says on which page they begin, in real mode. Each takes a number and reports. The host has written to address 0x800
# how many others there are.
# Link at 0x1000
	.set	OTHERS, 0x800
	.set	ARRIVED, 0x804
	.set	SPURIOUS, 0xfee000f0
	.set	COMMAND, 0xfee00300	# of the local APIC
	.set	ALL_BUT_ME, 0xc0000
	.set	INIT, 0x4500
	.set	STARTUP, 0x4600
	.set	PAGE, 2			# 0x2000

	.code32
	movl	$0x1ff, SPURIOUS
	movl	$(ALL_BUT_ME + INIT), COMMAND
	movl	$(ALL_BUT_ME + STARTUP + PAGE), COMMAND
1:	pause
	mov	ARRIVED, %eax
	cmp	OTHERS, %eax
	jb	1b
	out	%al, $0xf4		# all are there
	hlt

	.balign	0x1000
	.code16
	cli				# here the others begin, CS is 0x200
	xor	%ax, %ax
	mov	%ax, %ds
	out	%al, $0xe0		# the host knows which vCPU that is
	lock incl ARRIVED
1:	hlt
	jmp	1b
