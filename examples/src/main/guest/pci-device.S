# Lesson 18. A driver in miniature. Each PCI function has a configuration space: what it is, and where its registers
# shall be. To reach it, write slot and register to port 0xCF8, then read or write the register at port 0xCFC.
# Link at 0x100000
	.set	CONFIG_ADDRESS, 0xcf8
	.set	CONFIG_DATA, 0xcfc
	.set	ENABLE, 0x80000000
	.set	NEXT_SLOT, 1 << 11
	.set	IDS, 0x00		# registers of configuration space
	.set	COMMAND, 0x04
	.set	BAR0, 0x10
	.set	DEVICE, 0x00061234	# device 0006 of vendor 1234
	.set	MEMORY_ENABLE, 0x2
	.set	REGISTERS, 0xe0000000	# above RAM; the choice is ours
	.set	NUMBER, 12

	.code32
	cld
	mov	$(ENABLE + IDS), %ebx	# slot 0
find:	mov	%ebx, %eax
	call	select
	in	(%dx), %eax		# all ones if the slot is empty
	cmp	$DEVICE, %eax
	je	found
	add	$NEXT_SLOT, %ebx
	cmp	$(ENABLE + 32 * NEXT_SLOT), %ebx
	jb	find
	mov	$no_device, %esi
	call	print
	hlt

found:	mov	$in_slot, %esi
	call	print
	mov	%ebx, %eax
	shr	$11, %eax
	and	$31, %eax
	call	print_number

	lea	BAR0(%ebx), %eax
	call	select
	mov	$-1, %eax		# how large? write ones: the bits below the size stay zero
	out	%eax, (%dx)
	in	(%dx), %eax
	neg	%eax
	mov	$of_size, %esi
	push	%eax
	call	print
	pop	%eax
	call	print_number
	mov	$REGISTERS, %eax
	out	%eax, (%dx)		# DX is still the data port
	lea	COMMAND(%ebx), %eax
	call	select
	mov	$MEMORY_ENABLE, %eax	# from here on the device answers at that address
	out	%eax, (%dx)

	movl	$NUMBER, REGISTERS	# KVM finds no memory there: KVM_EXIT_MMIO
	mov	$squared, %esi
	call	print
	mov	REGISTERS, %eax
	call	print_number
	mov	$end, %esi
	call	print
	hlt

select:	mov	$CONFIG_ADDRESS, %edx	# EAX: slot and register; leaves the data port in DX
	out	%eax, (%dx)
	mov	$CONFIG_DATA, %edx
	ret

print:	push	%edx			# ESI: text
	mov	$0x3f8, %edx
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	pop	%edx
	ret

print_number:				# EAX, in decimal
	push	%edx
	mov	$10, %ecx
	mov	$digits_end, %esi
1:	xor	%edx, %edx
	div	%ecx
	add	$'0', %dl
	dec	%esi
	mov	%dl, (%esi)
	test	%eax, %eax
	jnz	1b
	call	print
	pop	%edx
	ret

no_device:
	.asciz	"no such device\n"
in_slot:
	.asciz	"found in slot "
of_size:
	.asciz	", bytes of registers: "
squared:
	.asciz	"\n12 squared is "
end:	.asciz	"\n"
digits:	.skip	10
digits_end:
	.byte	0
