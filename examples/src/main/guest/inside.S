# Lesson 9. A guest whose pages and interrupts are worth watching from inside the processor. Before each act it writes a
# letter to port 0xe9, which tells the host what comes.
# Link at 0x100000
	.set	DIRECTORY, 0x200000
	.set	TABLE, 0x201000
	.set	IDT, 0x202000
	.set	FIRST_PAGE, 0x400000	# linear; the tables put it at 0x300000
	.set	SECOND_PAGE, 0x401000	# not mapped at first
	.set	PRESENT_WRITABLE, 3
	.set	LARGE, 0x80
	.set	PAGE_FAULT, 14
	.set	INTERRUPT, 0x20

	.macro	tell letter
	mov	$\letter, %al
	out	%al, $0xe9
	.endm

	.code32
	lgdt	gdt_pointer
	ljmp	$0x08, $1f
1:	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %ss
	mov	$0x80000, %esp
	mov	$page_fault, %eax
	mov	$IDT + 8 * PAGE_FAULT, %edi
	call	set_gate
	mov	$interrupt, %eax
	mov	$IDT + 8 * INTERRUPT, %edi
	call	set_gate
	lidt	idt_pointer

	movl	$(LARGE + PRESENT_WRITABLE), DIRECTORY	# the first 4 MiB, where this program is: one large page
	movl	$(TABLE + PRESENT_WRITABLE), DIRECTORY + 4
	movl	$(0x300000 + PRESENT_WRITABLE), TABLE
	mov	%cr4, %eax
	or	$0x10, %eax		# PSE: there are large pages
	mov	%eax, %cr4
	mov	$DIRECTORY, %eax
	mov	%eax, %cr3

	tell	'p'
	mov	%cr0, %eax
	or	$0x80000000, %eax	# PG: paging on
	mov	%eax, %cr0
	tell	'r'
	mov	FIRST_PAGE, %ebx
	tell	'a'
	mov	FIRST_PAGE + 4, %ebx
	tell	'w'
	mov	%ebx, FIRST_PAGE
	tell	'i'
	invlpg	FIRST_PAGE
	mov	FIRST_PAGE, %ebx
	tell	'f'
	mov	SECOND_PAGE, %ebx
	tell	'n'
	int	$INTERRUPT
	tell	'e'
	hlt

page_fault:
	movl	$(0x301000 + PRESENT_WRITABLE), TABLE + 4	# map it; the instruction is tried again
	add	$4, %esp		# the error code
	iret

interrupt:
	iret

set_gate:
	mov	%ax, (%edi)
	movw	$0x08, 2(%edi)
	movw	$0x8e00, 4(%edi)	# present, 32-bit interrupt gate
	shr	$16, %eax
	mov	%ax, 6(%edi)
	ret

	.balign	8
gdt:	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff	# none, code, data: 0 to 4 GiB
gdt_pointer:
	.word	gdt_pointer - gdt - 1
	.long	gdt
idt_pointer:
	.word	8 * (INTERRUPT + 1) - 1
	.long	IDT
