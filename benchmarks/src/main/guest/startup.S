# The smallest guest that two hypervisors can be timed with: prints one character on COM1, ends with code 1 through
# isa-debug-exit at 0xf4. The image is an ELF file with a PVH note. Link at 0x100000
	.include "../../../../device-model/src/main/guest/pvh.inc"

entry:	mov	$0x3f8, %edx
	mov	$'A', %al
	out	%al, (%dx)
	xor	%eax, %eax
	out	%al, $0xf4
1:	hlt
	jmp	1b
end:
