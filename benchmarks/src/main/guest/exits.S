# Loops whose laps leave the guest, each in 64 bytes: the enum ExitKind lists them in this order. From cpuid on the
# kernel does the work 80 times, and then the guest writes to the port. Real mode, CS = 0, DX = PORT, a stack.
# Link at 0x1000
	.set	PORT, 0x3f8
	.set	BELL, 0x500		# an eventfd's port
	.set	COALESCED, 0x600
	.set	ELCR, 0x4d0		# of the PIC in the kernel
	.set	DEVICES, 0x2000		# a segment without RAM: a device at 0, an eventfd at BELL
	.set	BYTES, 0x2000
	.set	VECTOR, 0x20
	.set	PIC, 0x20
	.set	LINE, 5
	.set	LAPS, 80
	.set	MAP_GPA_RANGE, 12	# the hypercall that exits

	.code16
	.macro	kind
	.balign	64
	.endm
	.macro	leave
	mov	$PORT, %dx
	out	%al, (%dx)
	.endm

	kind				# portio-no-eventfd
1:	out	%eax, (%dx)
	jmp	1b

	kind				# inl_from_qemu
1:	in	(%dx), %eax
	jmp	1b

	kind				# rep_outsb
1:	mov	$BYTES, %si
	mov	$64, %cx
	rep outsb
	jmp	1b

	kind				# mmio-no-eventfd
	mov	$DEVICES, %bx
	mov	%bx, %ds
1:	mov	%eax, 0
	jmp	1b

	kind				# mmio_read
	mov	$DEVICES, %bx
	mov	%bx, %ds
1:	mov	0, %eax
	jmp	1b

	kind				# hlt
1:	hlt
	jmp	1b

	kind				# hypercall_exit
1:	mov	$MAP_GPA_RANGE, %eax
	mov	$BYTES, %ebx
	mov	$1, %ecx
	xor	%edx, %edx
	vmcall
	jmp	1b

	kind				# irqfd_to_handler: a handler that leaves
	mov	$0x11, %al		# ICW1: edges, four words
	out	%al, $PIC
	mov	$VECTOR, %al
	out	%al, $PIC + 1
	mov	$4, %al
	out	%al, $PIC + 1
	mov	$1, %al
	out	%al, $PIC + 1
	mov	$~(1 << LINE) & 0xff, %al
	out	%al, $PIC + 1
	movw	$handler, (VECTOR + LINE) * 4
	out	%al, (%dx)		# ready
	sti
1:	hlt
	jmp	1b
handler:
	mov	$0x20, %al
	out	%al, $PIC		# end of interrupt
	out	%al, (%dx)
	iret

	kind				# cpuid
1:	mov	$LAPS, %si
2:	xor	%eax, %eax
	cpuid
	dec	%si
	jnz	2b
	leave
	jmp	1b

	kind				# vmcall
1:	mov	$LAPS, %si
2:	mov	$-1, %eax
	vmcall
	dec	%si
	jnz	2b
	leave
	jmp	1b

	kind				# inl_from_kernel
1:	mov	$LAPS, %si
	mov	$ELCR, %dx
2:	in	(%dx), %al
	dec	%si
	jnz	2b
	leave
	jmp	1b

	kind				# outl_to_kernel
1:	mov	$LAPS, %si
	mov	$ELCR, %dx
	xor	%ax, %ax
2:	out	%al, (%dx)
	dec	%si
	jnz	2b
	leave
	jmp	1b

	kind				# portio-wildcard-eventfd
1:	mov	$LAPS, %si
	mov	$BELL, %dx
2:	out	%al, (%dx)
	dec	%si
	jnz	2b
	leave
	jmp	1b

	kind				# mmio-wildcard-eventfd
	mov	$DEVICES, %bx
	mov	%bx, %ds
1:	mov	$LAPS, %si
2:	mov	%eax, BELL
	dec	%si
	jnz	2b
	leave
	jmp	1b

	kind				# portio-coalesced
1:	mov	$LAPS, %si
	mov	$COALESCED, %dx
2:	out	%al, (%dx)
	dec	%si
	jnz	2b
	leave
	jmp	1b
	.balign	64
