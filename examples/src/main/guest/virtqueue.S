# Lesson 20. The driver of the simplest virtio device, a source of random numbers: one buffer, which the device fills.
# Link at 0x100000
	.set	LENGTH, 16

	.include "virtio.inc"

main:	movl	$BUFFER, DESCRIPTORS
	movl	$LENGTH, DESCRIPTORS + 8
	movw	$DEVICE_WRITES, DESCRIPTORS + 12
	call	request

	mov	$text, %esi
	call	print
	mov	$BUFFER, %esi
	mov	$LENGTH, %ecx
1:	mov	$' ', %al
	mov	$0x3f8, %edx
	out	%al, (%dx)
	lodsb
	call	print_hexadecimal
	loop	1b
	mov	$line_end, %esi
	jmp	print

text:	.asciz	"random bytes:"
line_end:
	.asciz	"\n"
end:
