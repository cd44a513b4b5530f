# Lesson 7. A few instructions to watch: 4 * 3 * 2 * 1.
# Link at 0x100000
	.code32
	mov	$1, %eax
	mov	$4, %ecx
1:	imul	%ecx, %eax
	dec	%ecx
	jnz	1b
	hlt
