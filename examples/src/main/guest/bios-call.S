# Lesson 23. A program for a PC without an operating system. It asks the BIOS for all that it needs, with INT.
# Link at 0x1000
	.code16
	cld
	mov	$0x7000, %sp
	mov	$question, %si
	call	print
	mov	$0x00, %ah		# INT 16h, service 0: wait for a key
	int	$0x16
	call	print_letter
	int	$0x12			# how many KiB of memory?
	mov	$memory, %si
	call	print
	call	print_number
	mov	$end, %si
	call	print
	hlt

print:	push	%ax
1:	lodsb
	test	%al, %al
	jz	2f
	call	print_letter
	jmp	1b
2:	pop	%ax
	ret

print_letter:
	mov	$0x0e, %ah		# INT 10h, service 0Eh: print a letter as a terminal does
	int	$0x10
	ret

print_number:				# AX, in decimal
	mov	$10, %bx
	xor	%cx, %cx
1:	xor	%dx, %dx
	div	%bx
	push	%dx
	inc	%cx
	test	%ax, %ax
	jnz	1b
2:	pop	%ax
	add	$'0', %al
	call	print_letter
	loop	2b
	ret

question:
	.asciz	"press a key: "
memory:	.asciz	"\nKiB of memory: "
end:	.asciz	"\n"
