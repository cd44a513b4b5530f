# Lesson 26. A boot sector that draws by the services of INT 10h: it clears the screen, asks for its width, writes a
# text at a place, a row of one letter, and then letter by letter as at a terminal.
# Link at 0x7c00
	.code16
	ljmp	$0, $begin		# some BIOS come by 0x7C0:0
begin:	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %sp
	cld

	mov	$0x0003, %ax		# service 00h: mode 3, a clear screen
	int	$0x10
	mov	$0x0f, %ah		# service 0Fh: AH is the number of columns
	int	$0x10
	mov	%ah, %al
	aam				# two decimal digits in AH and AL
	add	$0x3030, %ax
	xchg	%al, %ah
	mov	%ax, width
	mov	$width, %si
	call	print

	mov	$0x1301, %ax		# service 13h: a string; the cursor goes with it
	mov	$0x0007, %bx
	mov	$hello_end - hello, %cx
	mov	$0x0204, %dx		# at row 2, column 4
	mov	$hello, %bp
	int	$0x10

	mov	$0x02, %ah		# service 02h: the cursor's place
	mov	$0x0304, %dx		# row 3, column 4
	mov	$0, %bh
	int	$0x10
	mov	$0x09, %ah		# service 09h: a letter, CX times; the cursor stays
	mov	$'=', %al
	mov	$0x0007, %bx
	mov	$hello_end - hello, %cx
	int	$0x10

	mov	$question, %si
	call	print
	mov	$0x00, %ah		# INT 16h, service 0: wait for a key
	int	$0x16
	call	print_letter

	mov	$0x03, %ah		# service 03h: DH is the cursor's row
	mov	$0, %bh
	int	$0x10
	add	$'0', %dh
	mov	%dh, row
	mov	$cursor, %si
	call	print
	mov	$0, %al
stop:	out	%al, $0xf4		# isa-debug-exit
	hlt
	jmp	stop

print:	lodsb
	test	%al, %al
	jz	1f
	call	print_letter
	jmp	print
1:	ret

print_letter:
	mov	$0x0e, %ah		# service 0Eh: print a letter as a terminal does
	mov	$0x0007, %bx
	int	$0x10
	ret

width:	.asciz	"?? columns"
hello:	.ascii	"hello from INT 10h"
hello_end:
question:
	.asciz	"\r\n\r\npress a key: "
cursor:	.ascii	"\r\nthe cursor was in row "
row:	.asciz	"?"

	.org	510
	.word	0xaa55			# the BIOS starts no sector without it
