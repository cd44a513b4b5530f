# A loop of writes to a port of a device in user space, the scratch register of COM1: as many as the command line says.
# Prints "S" when the loop begins and "E" when it has ended, and ends with code 1 through isa-debug-exit at 0xf4.
# The image is an ELF file with a PVH note. Link at 0x100000
	.include "../../../../device-model/src/main/guest/pvh.inc"
	.set	CMDLINE, 24		# in hvm_start_info
	.set	COM1, 0x3f8
	.set	SCRATCH, 0x3ff

entry:	mov	CMDLINE(%ebx), %esi
	xor	%ecx, %ecx		# how often
1:	movzbl	(%esi), %eax
	inc	%esi
	sub	$'0', %eax
	cmp	$9, %eax
	ja	2f
	imul	$10, %ecx, %ecx
	add	%eax, %ecx
	jmp	1b

2:	mov	$COM1, %edx
	mov	$'S', %al
	out	%al, (%dx)
	mov	$SCRATCH, %edx
3:	out	%al, (%dx)
	dec	%ecx
	jnz	3b
	mov	$COM1, %edx
	mov	$'E', %al
	out	%al, (%dx)
	xor	%eax, %eax
	out	%al, $0xf4
4:	hlt
	jmp	4b
end:
