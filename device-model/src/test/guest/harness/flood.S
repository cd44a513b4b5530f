# Flat protected mode: one string instruction with two thousand million bytes of output.
# Link at 0x100000
	.code32
	mov	$0x100000, %esi
	mov	$0x7fffffff, %ecx
	mov	$0x200, %edx
	cld
	rep	outsb
	hlt
