# Lesson 8. A guest to run one instruction at a time on two KVMs: what the manuals define is the same on both; what they
# leave to the processor, and what identifies it, need not be.
# Link at 0x100000
	.set	END, 0xf4

	.code32
	cld
	mov	$0x80000001, %eax	# arithmetic and its flags
	add	%eax, %eax
	adc	$0, %ebx
	mov	$1000, %ecx
	imul	%ecx, %ecx		# SF, ZF, AF and PF are undefined afterwards
	mov	$7, %ecx
	mov	$100, %eax
	xor	%edx, %edx
	div	%ecx			# all six flags are undefined
	shl	$4, %eax		# AF is
	bsf	%eax, %edx		# all but ZF are

	mov	$text, %esi		# a string instruction: one step, or one for each item
	mov	$0x200000, %edi
	mov	$5, %ecx
	rep movsb
	push	$0x1234			# memory
	pop	%ebp

	xor	%eax, %eax		# who are you?
	cpuid
	rdtsc				# what time is it?
	out	%al, $END

text:	.ascii	"hello"
