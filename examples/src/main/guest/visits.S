# Lesson 27. A program with a memory: it counts the keys that it was given, and tells how many there were.
# Link at 0x1000
	.code16
	mov	$question, %si
	call	print
key:	mov	$0x3fd, %dx		# the line status of the first serial port: bit 0 is set when a key is there
	in	(%dx), %al
	test	$1, %al
	jz	key
	mov	$0x3f8, %dx
	in	(%dx), %al
	mov	%al, letter
	incb	digit			# the memory that a clone gets a copy of, and a reset takes back
	mov	$answer, %si
	call	print
	jmp	key

print:	mov	$0x3f8, %dx
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	ret

question:
	.asciz	"ready\n"
answer:	.ascii	"key "
letter:	.ascii	"? is number "
digit:	.asciz	"0\n"
