# Lesson 17. Exits to measure: 500 writes to a port, and 500 to an address without memory.
# Link at 0x1000
	.set	TIMES, 500

	.code16
	mov	$TIMES, %cx
1:	out	%al, $0x80
	loop	1b

	mov	$0xb800, %ax
	mov	%ax, %ds
	mov	$TIMES, %cx
2:	mov	%al, 0
	loop	2b
	hlt
