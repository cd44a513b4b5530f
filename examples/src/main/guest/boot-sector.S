# Lesson 25. A boot sector: the first program on a disk. The BIOS loads it to 0x7C00 and tells the drive in DL. It asks
# the BIOS for a sector, prints its text, waits for a key and ends the machine.
# Link at 0x7c00
	.code16
	ljmp	$0, $begin		# some BIOS come by 0x7C0:0
begin:	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %sp
	cld

	mov	$0x02, %ah		# INT 13h, service 2: read sectors
	mov	$1, %al			# one of them
	mov	$0, %ch			# of cylinder 0,
	mov	$0, %dh			# head 0,
	mov	sector, %cl		# from this one on: the first is 1
	mov	$0x8000, %bx		# to ES:BX; the drive is still in DL
	int	$0x13
	jc	failed
	mov	$0x8000, %si
	call	print

	mov	$question, %si
	call	print
	mov	$0x00, %ah		# INT 16h, service 0: wait for a key
	int	$0x16
	call	print_letter
	mov	$end, %si
	call	print
	mov	$0, %al
stop:	out	%al, $0xf4		# isa-debug-exit
	hlt
	jmp	stop

failed:	mov	$problem, %si
	call	print
	mov	$1, %al
	jmp	stop

print:	lodsb
	test	%al, %al
	jz	1f
	call	print_letter
	jmp	print
1:	ret

print_letter:
	mov	$0x0e, %ah		# INT 10h, service 0Eh: print a letter as a terminal does
	mov	$0x0007, %bx
	int	$0x10
	ret

question:
	.asciz	"press a key: "
problem:
	.asciz	"the disk cannot be read\r\n"
end:	.asciz	"\r\n"

	.org	509
sector:	.byte	2
	.word	0xaa55			# the BIOS starts no sector without it
