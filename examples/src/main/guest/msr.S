# Lesson 6. Uses a model-specific register that no processor has: writes 20 to it, and reads it.
# Link at 0x1000
	.set	OWN, 0xb0b0		# the register's number
	.set	GENERAL_PROTECTION, 13

	.code16
	mov	$0x7000, %sp
	movw	$on_fault, GENERAL_PROTECTION * 4
	movw	$0, GENERAL_PROTECTION * 4 + 2

	mov	$OWN, %ecx
	mov	$20, %eax
	xor	%edx, %edx
	wrmsr				# EDX:EAX to the register ECX
	rdmsr				# and back
	out	%ax, $0xe0		# what it reads
	hlt

on_fault:				# the processor knows no such register
	out	%al, $0xe1
	hlt
