# Five loops that a processor can be timed with. The command line is "LOOP COUNT": 1 xorshift, 2 collatz, 3 CRC-32,
# 4 fib, 5 bubble sort, and how often. Prints "S" on COM1 when the loop begins and its result in hexadecimal digits and a
# line feed when it has ended, and ends with code 1 through isa-debug-exit at 0xf4. Long mode, 2 MiB pages, 64 MiB of RAM.
# The image is an ELF file with a PVH note. Link at 0x100000
	.include "../../../../device-model/src/main/guest/pvh.inc"
	.set	CMDLINE, 24		# in hvm_start_info
	.set	COM1, 0x3f8
	.set	TABLE, 0x200000		# of CRC-32: 256 words
	.set	BUFFER, 0x210000	# of CRC-32: 64 KiB
	.set	NUMBERS, 0x220000	# to be sorted: 1000 words
	.set	STACK, 0x240000
	.set	PML4, 0x300000
	.set	PDPT, 0x301000
	.set	DIRECTORY, 0x302000
	.set	EFER, 0xc0000080

	.balign	8
gdt:	.quad	0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdtr:	.word	gdtr - gdt - 1
	.long	gdt

entry:	mov	$STACK, %esp
	# The command line first: what follows may overwrite it.
	mov	CMDLINE(%ebx), %esi
	movzbl	(%esi), %ebp
	sub	$'0', %ebp		# which loop
	add	$2, %esi
	xor	%edx, %edx		# how often
1:	movzbl	(%esi), %eax
	inc	%esi
	sub	$'0', %eax
	cmp	$9, %eax
	ja	2f
	imul	$10, %edx, %edx
	add	%eax, %edx
	jmp	1b

2:	mov	$PML4, %edi
	xor	%eax, %eax
	mov	$3 * 1024, %ecx
	rep stosl
	movl	$PDPT + 3, PML4
	movl	$DIRECTORY + 3, PDPT
	mov	$0x83, %eax		# present, writable, large
	mov	$DIRECTORY, %edi
	mov	$32, %ecx
1:	mov	%eax, (%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	1b
	mov	$PML4, %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x20, %eax		# PAE
	mov	%eax, %cr4
	mov	%edx, %edi
	mov	$EFER, %ecx
	rdmsr
	or	$0x100, %eax		# LME
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax	# PG
	mov	%eax, %cr0
	lgdt	gdtr
	ljmp	$8, $long

	.code64
long:	mov	$16, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%edi, %edi		# the upper halves are undefined after the switch
	mov	$STACK, %esp
	mov	$COM1, %edx
	mov	$'S', %al
	out	%al, (%dx)
	cmp	$2, %ebp
	jb	xorshift
	je	collatz
	cmp	$4, %ebp
	jb	crc
	je	fibs
	jmp	sort

# Arithmetic and logic: Marsaglia's generator, its odd numbers added up.
	.balign	4096
xorshift:
	mov	$0x2545f4914f6cdd1d, %rax
	xor	%esi, %esi
1:	mov	%rax, %rbx
	shl	$13, %rbx
	xor	%rbx, %rax
	mov	%rax, %rbx
	shr	$7, %rbx
	xor	%rbx, %rax
	mov	%rax, %rbx
	shl	$17, %rbx
	xor	%rbx, %rax
	test	$1, %al
	jz	2f
	add	%rax, %rsi
2:	dec	%rdi
	jnz	1b
	mov	%rsi, %rax
	jmp	print

# Branches that are hard to foretell: the steps of Collatz's sequences that begin at 1 to COUNT, added up.
	.balign	4096
collatz:
	xor	%eax, %eax
1:	mov	%rdi, %rbx
2:	inc	%rax
	test	$1, %bl
	jnz	3f
	shr	$1, %rbx
	jmp	4f
3:	lea	1(%rbx, %rbx, 2), %rbx
4:	cmp	$1, %rbx
	ja	2b
	dec	%rdi
	jnz	1b
	jmp	print

# Loads: CRC-32 of 64 KiB by table, each round of the same bytes.
	.balign	4096
crc:	xor	%ebx, %ebx		# the table's entry of each byte
1:	mov	%ebx, %eax
	mov	$8, %ecx
2:	shr	$1, %eax
	jnc	3f
	xor	$0xedb88320, %eax
3:	dec	%ecx
	jnz	2b
	mov	%eax, TABLE(, %rbx, 4)
	inc	%ebx
	cmp	$256, %ebx
	jb	1b
	mov	$BUFFER, %esi
	mov	$0x4000, %ecx
	call	fill
4:	mov	$BUFFER, %esi
	mov	$0x10000, %ecx
	mov	$-1, %eax
5:	movzbl	(%rsi), %edx
	movzbl	%al, %ebx
	xor	%ebx, %edx
	inc	%rsi
	shr	$8, %eax
	xor	TABLE(, %rdx, 4), %eax
	dec	%ecx
	jnz	5b
	dec	%rdi
	jnz	4b
	jmp	print

# Calls and returns: the 22nd of Fibonacci's numbers by its definition.
	.balign	4096
fibs:	mov	%rdi, %rbp
	xor	%esi, %esi
1:	mov	$22, %edi
	call	fib
	add	%rax, %rsi
	dec	%rbp
	jnz	1b
	mov	%rsi, %rax
	jmp	print

fib:	mov	%rdi, %rax
	cmp	$2, %rdi
	jb	1f
	push	%rbx
	push	%rdi
	dec	%rdi
	call	fib
	mov	%rax, %rbx
	mov	(%rsp), %rdi
	sub	$2, %rdi
	call	fib
	add	%rbx, %rax
	pop	%rdi
	pop	%rbx
1:	ret

# Stores: 1000 numbers sorted by exchange, each round of the same numbers.
	.balign	4096
sort:	mov	$NUMBERS, %esi
	mov	$1000, %ecx
	call	fill
	mov	$999, %edx
1:	mov	$NUMBERS, %esi
	mov	%edx, %ecx
2:	mov	(%rsi), %eax
	mov	4(%rsi), %ebx
	cmp	%ebx, %eax
	jbe	3f
	mov	%ebx, (%rsi)
	mov	%eax, 4(%rsi)
3:	add	$4, %rsi
	dec	%ecx
	jnz	2b
	dec	%edx
	jnz	1b
	dec	%rdi
	jnz	sort
	mov	NUMBERS + 400, %eax
	jmp	print

# Pseudo-random words at RSI, ECX of them.
fill:	mov	$0x12345678, %eax
1:	mov	%eax, (%rsi)
	imul	$1664525, %eax, %eax
	add	$1013904223, %eax
	add	$4, %rsi
	dec	%ecx
	jnz	1b
	ret

	.balign	4096
print:	mov	%rax, %rbx
	mov	$COM1, %edx
	mov	$16, %ecx
1:	rol	$4, %rbx
	mov	%ebx, %eax
	and	$15, %eax
	add	$'0', %eax
	cmp	$'9', %eax
	jbe	2f
	add	$'a' - '0' - 10, %eax
2:	out	%al, (%dx)
	dec	%ecx
	jnz	1b
	mov	$'\n', %al
	out	%al, (%dx)
	xor	%eax, %eax
	out	%al, $0xf4
3:	hlt
	jmp	3b
end:
