# Lesson 13. A text screen is memory: from 0xb8000 on, two bytes for each letter, the letter and its colours. The host has
# put no memory there, so each access comes to it: KVM_EXIT_MMIO.
# Link at 0x1000
	.set	WHITE_ON_BLUE, 0x1f

	.code16
	cld
	mov	$0xb800, %ax
	mov	%ax, %es
	xor	%di, %di
	mov	$text, %si
	mov	$WHITE_ON_BLUE, %ah
1:	lodsb
	test	%al, %al
	jz	2f
	stosw
	jmp	1b
2:	mov	%es:0, %al	# what does the screen say?
	mov	$0x3f8, %dx
	out	%al, (%dx)
	hlt

text:	.asciz	"hello, screen"
