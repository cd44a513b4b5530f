# Real mode: sends the vendor string that CPUID gives to the serial port.
# Link at 0x0, loaded at 0xf0000 (segment 0xf000).
	.code16
	.macro	send4 from
	mov	\from, %eax
	mov	$4, %cx
1:	out	%al, (%dx)
	shr	$8, %eax
	loop	1b
	.endm
	xor	%eax, %eax
	cpuid
	mov	%edx, %esi
	mov	%ecx, %edi
	mov	$0x3f8, %dx
	send4	%ebx
	send4	%esi
	send4	%edi
	hlt
