# Flat protected mode, then long mode: memory accesses of 1, 2, 4 and 8 bytes to an address without memory, at which
# each value read is written back one register further.
# Link at 0x100000
	.set	DEVICE, 0xd0000000
	.set	TABLES, 0x10000
	.code32
	mov	$DEVICE, %edi
	movb	(%edi), %al
	movb	%al, 0x8(%edi)
	movw	0x10(%edi), %ax
	movw	%ax, 0x18(%edi)
	movl	0x20(%edi), %eax
	movl	%eax, 0x28(%edi)

	# Level 4, level 3, and the first and the fourth gibibyte by pages of 2 MiB.
	movl	$(TABLES + 0x1003), TABLES
	movl	$0, TABLES + 4
	movl	$(TABLES + 0x2003), TABLES + 0x1000
	movl	$0, TABLES + 0x1004
	movl	$(TABLES + 0x3003), TABLES + 0x1018
	movl	$0, TABLES + 0x101c
	movl	$0x83, TABLES + 0x2000
	movl	$0, TABLES + 0x2004
	movl	$(DEVICE + 0x83), TABLES + 0x3000 + ((DEVICE >> 21) & 511) * 8
	movl	$0, TABLES + 0x3004 + ((DEVICE >> 21) & 511) * 8
	mov	$TABLES, %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x20, %eax
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x100, %eax
	wrmsr
	lgdt	gdt_pointer
	mov	%cr0, %eax
	or	$0x80000001, %eax
	mov	%eax, %cr0
	ljmp	$8, $long_mode

	.code64
long_mode:
	mov	$DEVICE, %edi
	mov	0x30(%rdi), %rax
	mov	%rax, 0x38(%rdi)
	hlt

	.balign	8
gdt:	.quad	0
	.quad	0x00af9b000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
