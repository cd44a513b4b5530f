# Lesson 19. A driver for the toy device 0007 of vendor 1234 on the whole machine, which has given its registers an
# address already. A multiboot kernel: it starts under ./jkvm -kernel.
# Link at 0x100000
	.set	CONFIG_ADDRESS, 0xcf8
	.set	CONFIG_DATA, 0xcfc
	.set	ENABLE, 0x80000000
	.set	NEXT_SLOT, 1 << 11
	.set	COMMAND, 0x04		# registers of configuration space
	.set	BAR0, 0x10
	.set	DEVICE, 0x00071234
	.set	MEMORY_ENABLE, 0x2
	.set	NUMBER, 3
	.set	EXIT_PORT, 0xf4

	.code32
start:	jmp	find
	.balign	4
multiboot:
	.long	0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
	.long	multiboot, start, end, end, start

find:	mov	$0x80000, %esp
	mov	$ENABLE, %ebx		# slot 0
1:	mov	%ebx, %eax
	call	select
	in	(%dx), %eax		# all ones if the slot is empty
	cmp	$DEVICE, %eax
	je	found
	add	$NEXT_SLOT, %ebx
	cmp	$(ENABLE + 32 * NEXT_SLOT), %ebx
	jb	1b
	xor	%eax, %eax		# no such device
	jmp	finish

found:	lea	COMMAND(%ebx), %eax
	call	select
	mov	$MEMORY_ENABLE, %eax
	out	%eax, (%dx)
	lea	BAR0(%ebx), %eax
	call	select
	in	(%dx), %eax
	and	$~0xf, %eax		# the bits below tell the kind of address
	movl	$NUMBER, (%eax)
	mov	(%eax), %eax
finish:	out	%al, $EXIT_PORT
1:	hlt
	jmp	1b

select:	mov	$CONFIG_ADDRESS, %edx	# EAX: slot and register; leaves the data port in DX
	out	%eax, (%dx)
	mov	$CONFIG_DATA, %edx
	ret
end:
