# Lesson 11. Each processor has an interrupt controller and a timer of its own, the local APIC, at 0xfee00000. This guest
# lets it interrupt five times, at the pace that the host has written to address 0x800.
# Link at 0x1000
	.set	PERIOD, 0x800
	.set	APIC, 0xfee00000
	.set	END_OF_INTERRUPT, APIC + 0xb0
	.set	SPURIOUS, APIC + 0xf0
	.set	TIMER, APIC + 0x320
	.set	INITIAL_COUNT, APIC + 0x380
	.set	DIVIDE, APIC + 0x3e0
	.set	ENABLE, 0x100
	.set	PERIODIC, 1 << 17
	.set	DIVIDE_BY_1, 0xb
	.set	VECTOR, 0x40
	.set	IDT, 0x3000
	.set	TICKS, 5

	.code32
	mov	$0x8000, %esp
	lgdt	gdt_pointer		# an interrupt loads CS from the table
	ljmp	$8, $1f
1:	movw	$on_timer, IDT + 8 * VECTOR	# memory of a new VM is zero: the rest is too
	movw	$8, IDT + 8 * VECTOR + 2
	movw	$0x8e00, IDT + 8 * VECTOR + 4	# present, 32-bit interrupt gate
	lidt	idt_pointer

	movl	$(ENABLE + 0xff), SPURIOUS
	movl	$DIVIDE_BY_1, DIVIDE
	movl	$(PERIODIC + VECTOR), TIMER
	mov	PERIOD, %eax
	mov	%eax, INITIAL_COUNT	# it counts from here on

	mov	$TICKS, %ecx
2:	sti
	hlt
	out	%al, $0xe0
	loop	2b
	out	%al, $0xf4		# the end
	hlt

on_timer:
	movl	$0, END_OF_INTERRUPT
	ret	$8			# IRET in short: drops CS and flags, so interrupts stay off; a KVM that emulates
					# instructions knows IRET in real mode only

	.balign	8
gdt:	.quad	0, 0x00cf9b000000ffff	# none, code
gdt_pointer:
	.word	gdt_pointer - gdt - 1
	.long	gdt
idt_pointer:
	.word	8 * (VECTOR + 1) - 1
	.long	IDT
