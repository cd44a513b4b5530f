# Lesson 24. A kernel in the format of Linux, for a start without one: a boot sector and one sector of setup, of which
# the header is all that counts, and the kernel, which prints what the boot loader has told it.
# Link at 0xffc00
	.set	COMMAND_LINE, 0x228	# in the page of parameters
	.set	RAMDISK, 0x218
	.set	RAMDISK_SIZE, 0x21c
	.set	AREAS, 0x1e8

start:	.org	0x1f1
	.byte	1			# sectors of setup
	.org	0x1fe
	.word	0xaa55
	.byte	0xeb, 0x66		# the second byte tells where the header ends: 0x268
	.ascii	"HdrS"
	.word	0x20c			# boot protocol 2.12
	.org	0x400

	.code32
	cld				# 1 MiB; ESI: the parameters
	mov	$0x80000, %esp
	mov	%esi, %ebx
	mov	$version, %esi
	call	print
	mov	COMMAND_LINE(%ebx), %esi
	call	print
	mov	$areas, %esi
	call	print
	mov	AREAS(%ebx), %al
	add	$'0', %al
	out	%al, (%dx)
	mov	$ramdisk, %esi
	call	print
	mov	$none, %esi
	cmpl	$0, RAMDISK_SIZE(%ebx)
	je	1f
	mov	RAMDISK(%ebx), %esi
1:	call	print
	mov	$line_end, %esi
	call	print
	hlt

print:	mov	$0x3f8, %edx		# ESI: text
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	ret

version:
	.asciz	"Linux version 0.1 (lesson 24)\nCommand line: "
areas:	.asciz	"\nareas of memory: "
ramdisk:
	.asciz	"\nramdisk: "
none:	.asciz	"none"
line_end:
	.asciz	"\n"
