# The guest that the start-up cache is trained with: it executes what a kernel executes while it boots, often enough
# that the JVM's profiles of the KVM in Java know each branch of the interpreter. Ends with code 1 through
# isa-debug-exit at 0xf4. The image is an ELF file with a PVH note. Link at 0x100000
	.include "../pvh.inc"
	.set	TABLES, 0x800000		# PML4, PDPT, PD, PT: a page each
	.set	IDT, 0x810000
	.set	STACK, 0x830000
	.set	DATA, 0xa00000			# 2 MiB in small pages
	.set	ABSENT, 0x7fffff000		# nothing is mapped there
	.set	LAPS, 9000
	.set	COPIES, 120
	.set	COPY_SIZE, 256

gdt:	.quad	0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdtr:	.short	. - gdt - 1
	.long	gdt
idtr:	.short	0xfff
	.quad	IDT

# Long mode with the first GiB mapped, 2 MiB of it by small pages.
entry:	cld
	mov	$TABLES, %edi
	mov	$0x1000, %ecx
	xor	%eax, %eax
	rep stosl
	movl	$TABLES + 0x1003, TABLES
	movl	$TABLES + 0x2003, TABLES + 0x1000
	mov	$0x83, %eax
	mov	$TABLES + 0x2000, %edi
	mov	$512, %ecx
1:	mov	%eax, (%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	1b
	movl	$TABLES + 0x3003, TABLES + 0x2000 + (DATA >> 21) * 8
	mov	$DATA + 3, %eax
	mov	$TABLES + 0x3000, %edi
	mov	$512, %ecx
1:	mov	%eax, (%edi)
	add	$0x1000, %eax
	add	$8, %edi
	loop	1b
	lgdt	gdtr
	mov	$0x620, %eax			# PAE, OSFXSR, OSXMMEXCPT
	mov	%eax, %cr4
	mov	$TABLES, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx		# EFER: LME
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	$0x80000011, %eax
	mov	%eax, %cr0
	ljmp	$8, $long

	.code64
# All conditions in all forms, after the flags of one operation.
	.macro	conditions
	.irp	cc, o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g
	set\cc	%al
	cmov\cc	%r12, %rdx
	j\cc	1f
	inc	%r8
1:
	.endr
	.endm

# Pseudo-random operands: r12 and r13, small ones and equal ones among them.
	.macro	operands
	imul	$0x5851f42d, %r15, %r15
	add	$0x14057b7e, %r15
	mov	%r15, %r12
	shr	$29, %r12
	mov	%r15, %r13
	shr	$7, %r13
	test	$0x300, %r15d
	jnz	1f
	mov	%r12, %r13
1:	test	$0xc00, %r15d
	jnz	1f
	movsbq	%r12b, %r12
1:
	.endm

	.macro	binary op
\op\()_all:
	operands
	\op	%r13, %r12
	conditions
	operands
	\op	%r13d, %r12d
	conditions
	operands
	\op	%r13b, %r12b
	conditions
	operands
	\op	%r13w, %r12w
	conditions
	operands
	mov	%r12, DATA
	mov	%r13, DATA + 8
	\op	$0x55, %r12
	\op	$0x55, %r13d
	\op	$5, %r12b
	\op	DATA, %r13
	\op	DATA, %r12d
	\op	DATA, %r12w
	\op	DATA, %r12b
	\op	%r13, DATA + 8
	\op	%r13d, DATA + 8(%rbx)
	\op	%r13b, DATA + 8(%rbx, %rbx, 2)
	\op\()q	$7, DATA
	\op\()l	$7, DATA
	\op\()b	$7, DATA
	ret
	.endm

	.macro	unary op
\op\()_all:
	operands
	\op	%r12
	conditions
	operands
	\op	%r12d
	conditions
	\op\()q	DATA
	\op\()l	DATA + 8
	\op\()b	DATA + 16
	ret
	.endm

	.macro	shifts op
\op\()_all:
	operands
	\op	$3, %r12
	conditions
	operands
	\op	$1, %r12d
	conditions
	mov	%r15d, %ecx
	\op	%cl, %r12
	conditions
	\op	%cl, %r13d
	\op	$1, %r13
	\op	$5, %r13d
	\op	$2, %r13b
	\op\()q	$3, DATA
	ret
	.endm

	binary	add
	binary	sub
	binary	and
	binary	or
	binary	xor
	binary	cmp
	binary	adc
	binary	sbb
	unary	inc
	unary	dec
	unary	neg
	unary	not
	shifts	shl
	shifts	shr
	shifts	sar
	shifts	rol
	shifts	ror

test_all:
	operands
	test	%r13, %r12
	conditions
	operands
	test	%r13d, %r12d
	conditions
	test	%r13b, %r12b
	testb	$4, DATA
	test	$4, %r12b
	test	$0x1000, %r12
	test	$0x1000, %r12d
	testl	$4, DATA
	ret

moves:	operands
	mov	%r12, DATA + 0x100
	mov	%r12d, DATA + 0x108(%rbx)
	mov	%r12w, DATA + 0x110
	mov	%r12b, DATA + 0x118
	movq	$1, DATA + 0x100
	movl	$2, DATA + 0x108
	movw	$3, DATA + 0x110
	movb	$4, DATA + 0x118
	mov	DATA + 0x100, %rax
	mov	DATA + 0x108(%rbx), %eax
	mov	DATA + 0x110, %ax
	mov	DATA + 0x118, %al
	mov	%fs:DATA, %rax
	mov	%rax, %gs:DATA
	cmp	%eax, %gs:DATA
	movzbl	%r12b, %eax
	movzwl	%r12w, %eax
	movsbl	%r12b, %eax
	movswl	%r12w, %eax
	movslq	%r12d, %rax
	movzbl	DATA, %eax
	movzwl	DATA, %eax
	movsbl	DATA, %eax
	movslq	DATA, %rax
	mov	%ah, %al
	mov	%r13d, %ecx
	movabs	$0x123456789abcdef, %rax
	lea	8(%rax, %rcx, 4), %rdx
	lea	8(%rax, %rcx, 2), %edx
	xchg	%rax, %rcx
	xchg	%rax, DATA + 0x120
	bswap	%rax
	bswap	%ecx
	cltq
	cqo
	cltd
	push	%rax
	push	$5
	push	DATA
	pop	DATA + 8
	pop	%rdx
	pop	%rax
	nop
	nopl	8(%rax)
	lfence
	sfence
	pause
	prefetcht0 DATA
	ret

multiply:
	operands
	imul	%r13, %r12
	conditions
	imul	%r13d, %r12d
	imul	$7, %r13, %r12
	imul	$7, DATA, %r12d
	mov	%r13, %rax
	mul	%r12
	imul	%r12
	mov	$1000, %ecx
	xor	%edx, %edx
	div	%rcx
	xor	%edx, %edx
	div	%ecx
	mov	%r13d, %eax
	cltd
	idiv	%ecx
	ret

bits:	operands
	bt	$3, %r12
	jc	1f
	bts	$3, %r12
1:	bt	%r13d, %r12d
	btr	$5, %r12
	btc	$6, %r13d
	bt	$7, DATA
	bts	%rbx, DATA
	lock	btr	$9, DATA
	bsf	%r12, %rax
	bsr	%r13d, %eax
	rep bsf	%r12, %rax
	shld	$5, %r12, %r13
	shrd	%cl, %r12, %r13
	mov	DATA, %rax
	lock	cmpxchg	%r12, DATA
	lock	cmpxchg	%r13d, DATA
	cmpxchg	%r12, DATA
	lock	xadd	%r12, DATA
	lock	incl	DATA
	lock	addq	$1, DATA
	lock	decq	DATA
	ret

# Repeated string instructions of many lengths, with overlaps, in both directions.
strings:
	operands
	.irp	op, movsb, movsl, movsq, stosb, stosl, stosq
	mov	$DATA + 0x4000, %esi
	mov	$DATA + 0x8f00, %edi
	mov	%r15d, %ecx
	shr	$9, %ecx
	and	$0x7f, %ecx
	rep	\op
	.endr
	mov	$DATA + 0x4000, %esi
	mov	$DATA + 0x4005, %edi
	mov	$40, %ecx
	rep	movsb
	std
	mov	$DATA + 0x4100, %esi
	mov	$DATA + 0x5200, %edi
	mov	$9, %ecx
	rep	movsq
	cld
	mov	$DATA + 0x4000, %esi
	mov	$DATA + 0x5000, %edi
	mov	$20, %ecx
	repe	cmpsb
	mov	$20, %ecx
	mov	$DATA + 0x5000, %edi
	repne	scasb
	xor	%ecx, %ecx
	rep	stosb
	lodsb
	lodsq
	stosl
	movsb
	scasb
	ret

flow:	operands
	call	*far_target
	mov	$2f, %eax
	jmp	*%rax
2:	mov	$far_function, %eax
	call	*%rax
	enter	$16, $0
	leave
	mov	$3, %ecx
1:	loop	1b
	jrcxz	1f
1:	push	%rbx
	push	%rbp
	call	far_function
	pop	%rbp
	pop	%rbx
	ret

sse:	movdqu	DATA, %xmm0
	movdqa	%xmm0, %xmm1
	pxor	%xmm1, %xmm0
	movups	%xmm1, DATA + 0x40
	movaps	DATA + 0x40, %xmm2
	movq	%xmm2, %rax
	movq	%rax, %xmm3
	movq	%xmm3, DATA
	paddq	%xmm3, %xmm2
	punpcklqdq %xmm2, %xmm3
	pshufd	$0x1b, %xmm3, %xmm4
	movd	%eax, %xmm5
	por	%xmm5, %xmm4
	cvtsi2sd %eax, %xmm6
	addsd	%xmm6, %xmm6
	movsd	%xmm6, DATA + 0x80
	fninit
	ret

# The other things that a kernel does: interrupt flag, exceptions, translations, patched code.
system:	pushfq
	cli
	pop	%rax
	push	%rax
	popfq
	sti
	int	$0x80
	cli
	mov	$1f, %r14d
	movabs	$ABSENT, %rax
	mov	(%rax), %rcx			# page fault: goes on at r14
1:	incb	patched + 1
	call	patched
	test	$0x3f000, %r15d
	jnz	1f
	mov	%cr3, %rax
	mov	%rax, %cr3
	invlpg	DATA
	rdtsc
	xor	%eax, %eax
	cpuid
	xor	%ebx, %ebx
	mov	$0xc0000101, %ecx
	rdmsr
	wrmsr
	swapgs
	swapgs
	in	$0x61, %al
	mov	%cr0, %rax
	mov	%ds, %eax
1:	ret

# Touches other pages each time, whose translations the TLB has not.
pages:	imul	$0x5851f42d, %r15, %r15
	add	$0x14057b7e, %r15
	mov	$16, %ecx
1:	imul	$0x5851f42d, %r15, %r15
	add	$0x14057b7e, %r15
	mov	%r15d, %eax
	and	$0x1fff8, %eax
	addq	$1, DATA(%rax)
	mov	%r15d, %eax
	and	$0x1fffff8, %eax
	mov	0x1000000(%rax), %rdx
	mov	%rdx, 0x1000000(%rax)
	dec	%ecx
	jnz	1b
	ret

absent:	add	$8, %rsp			# the error code
	mov	%r14, (%rsp)
	iretq
trap:	iretq

install:					# handler rsi as interrupt gate of vector rdi
	shl	$4, %edi
	movw	%si, IDT(%rdi)
	movw	$8, IDT + 2(%rdi)
	movw	$0x8e00, IDT + 4(%rdi)
	shr	$16, %esi
	movw	%si, IDT + 6(%rdi)
	movq	$0, IDT + 8(%rdi)
	ret

long:	mov	$16, %eax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	mov	$STACK, %esp
	xor	%ebx, %ebx
	lidt	idtr
	mov	$14, %edi
	mov	$absent, %esi
	call	install
	mov	$0x80, %edi
	mov	$trap, %esi
	call	install
	mov	$LAPS, %ebp
	mov	$1, %r15
lap:	.irp	name, add, sub, and, or, xor, cmp, adc, sbb, inc, dec, neg, not, shl, shr, sar, rol, ror, test
	call	\name\()_all
	.endr
	.irp	name, moves, multiply, bits, strings, flow, sse, system, pages
	call	\name
	.endr
	mov	%ebp, %eax
	and	$7, %eax
	jnz	1f
	call	copies
1:	dec	%ebp
	jnz	lap
	xor	%eax, %eax
	out	%al, $0xf4
1:	hlt
	jmp	1b

# Much code that is alike, each piece executed some times and then often: what is decoded, and what is compiled.
	.balign	4096
copies:
	.set	i, 0
	.rept	COPIES
	call	first_copy + i * COPY_SIZE
	.set	i, i + 1
	.endr
	ret
	.balign	COPY_SIZE
first_copy:
	.rept	COPIES
	push	%rbx
	mov	%rsp, %rax
	mov	$5, %ecx
1:	mov	DATA + 0x200(%rcx, %rcx), %edx
	add	%rdx, %r12
	xor	%r12d, DATA + 0x200(%rcx, %rcx)
	cmp	$2, %ecx
	jne	2f
	call	8f
2:	sub	$1, %ecx
	jnz	1b
	pop	%rbx
	ret
	.balign	64
8:	test	%r12, %r12
	js	1f
	movzbl	%r12b, %eax
	shl	$3, %rax
	ret
1:	lea	1(%r12), %rax
	ret
	.balign	COPY_SIZE
	.endr

	.balign	4096
patched:
	mov	$0, %al
	ret
	.balign	4096
far_function:
	operands
	lea	(%r12, %r13), %rax
	ret	
	.balign	8
far_target:
	.quad	far_function
end:
