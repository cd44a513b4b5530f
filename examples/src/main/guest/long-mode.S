# Lesson 4. From protected mode to 64-bit long mode, which cannot be had without paging. Four levels of tables map a
# virtual address to a physical one; each level takes 9 bits of the address, and an entry of the third may map 2 MiB.
#
#   virtual 0x00000000, 2 MiB -> physical 0x000000 (this program must not move under its own feet)
#   virtual 0x40000000, 2 MiB -> physical 0x200000 (where the host has put a text)
# Link at 0x100000
	.set	LEVEL4, 0x10000
	.set	LEVEL3, 0x11000
	.set	LEVEL2, 0x12000
	.set	LEVEL2_GIB, 0x13000
	.set	PRESENT_WRITABLE, 0x3
	.set	LARGE_PAGE, 0x83		# present, writable, 2 MiB

	.code32
	movl	$(LEVEL3 + PRESENT_WRITABLE), LEVEL4		# memory of a new VM is zero: the rest is "not present"
	movl	$(LEVEL2 + PRESENT_WRITABLE), LEVEL3		# the first GiB
	movl	$(LEVEL2_GIB + PRESENT_WRITABLE), LEVEL3 + 8	# the second
	movl	$(0x000000 + LARGE_PAGE), LEVEL2
	movl	$(0x200000 + LARGE_PAGE), LEVEL2_GIB

	mov	$LEVEL4, %eax
	mov	%eax, %cr3		# where the tables are
	mov	%cr4, %eax
	or	$0x20, %eax		# PAE: entries of 8 bytes
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx	# EFER
	rdmsr
	or	$0x100, %eax		# LME, long mode enable
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax	# PG, paging: with LME set this activates long mode
	mov	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$8, $long_mode		# a code segment with its L bit set makes the code 64-bit

	.code64
long_mode:
	mov	$0x40000000, %rsi
	mov	$0x3f8, %edx
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	movabs	$0x123456789abcdef0, %rax	# a register of 64 bits
	hlt

	.balign	8
gdt:	.quad	0
	.quad	0x00af9b000000ffff	# code: 64-bit
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
