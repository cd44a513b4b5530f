# Lesson 21. The driver of a virtio disk. A request is a chain of three buffers: what to do, the data, and how it went.
# This one reads sector 1, prints it, and writes it to sector 2.
# Link at 0x100000
	.set	SECTOR_SIZE, 512
	.set	READ, 0
	.set	WRITE, 1

	.include "virtio.inc"

main:	movl	$header, DESCRIPTORS		# descriptor 0: the device reads it
	movl	$16, DESCRIPTORS + 8
	movl	$(NEXT + (1 << 16)), DESCRIPTORS + 12
	movl	$BUFFER, DESCRIPTORS + 16	# descriptor 1
	movl	$SECTOR_SIZE, DESCRIPTORS + 24
	movl	$(NEXT + DEVICE_WRITES + (2 << 16)), DESCRIPTORS + 28
	movl	$status, DESCRIPTORS + 32	# descriptor 2: the device writes it
	movl	$1, DESCRIPTORS + 40
	movw	$DEVICE_WRITES, DESCRIPTORS + 44
	call	request
	mov	$read, %esi
	call	print
	mov	status, %al
	call	print_hexadecimal
	mov	$data, %esi
	call	print
	mov	$BUFFER, %esi
	call	print

	movl	$WRITE, header
	movl	$2, sector
	movw	$NEXT, DESCRIPTORS + 28		# now the device reads the data
	call	request
	mov	$written, %esi
	call	print
	mov	status, %al
	call	print_hexadecimal
	mov	$sectors, %esi
	call	print
	mov	CONFIG, %eax			# the disk's size begins its configuration
	call	print_hexadecimal		# fewer than 256
	mov	$line_end, %esi
	jmp	print

header:	.long	READ, 0
sector:	.quad	1
status:	.byte	0xff
read:	.asciz	"status of the read: "
data:	.asciz	"\nthe guest reads: "
written:
	.asciz	"\nstatus of the write: "
sectors:
	.asciz	"\nsectors: 0x"
line_end:
	.asciz	"\n"
end:
