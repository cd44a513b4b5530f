# Lesson 5. Asks the processor who made it, and whether there is a hypervisor.
# Link at 0x100000
	.set	HYPERVISOR, 31		# bit of ECX, leaf 1

	.code32
	cld
	xor	%eax, %eax		# leaf 0: the vendor, in a strange order
	cpuid
	mov	%ebx, vendor
	mov	%edx, vendor + 4
	mov	%ecx, vendor + 8
	mov	$vendor_is, %esi
	call	print

	mov	$1, %eax
	cpuid
	mov	$virtual, %esi
	bt	$HYPERVISOR, %ecx
	jc	1f
	mov	$real, %esi
1:	call	print
	hlt

print:	mov	$0x3f8, %edx		# ESI: text
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	ret

vendor_is:
	.ascii	"made by "
vendor:	.skip	12
	.asciz	"\n"
virtual:
	.asciz	"there is a hypervisor\n"
real:	.asciz	"there is no hypervisor\n"
