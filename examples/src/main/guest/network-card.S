# Lesson 22. A network driver in miniature, for Intel's 82540EM. Driver and card share two rings of descriptors in
# memory; each descriptor names a buffer. The card itself reads frames to send and writes received ones (DMA); the
# driver only moves a ring's tail. Here: ask the network which card has the address 10.0.2.2 (ARP, RFC 826).
#
# It also starts under ./jkvm -kernel, and QEMU's, because of the multiboot header.
# Link at 0x100000
	.set	CONFIG_ADDRESS, 0xcf8
	.set	CONFIG_DATA, 0xcfc
	.set	ENABLE, 0x80000000
	.set	NEXT_SLOT, 1 << 11
	.set	COMMAND, 0x04		# registers of configuration space
	.set	BAR0, 0x10
	.set	DEVICE, 0x100e8086	# device 100e of vendor 8086
	.set	MEMORY_AND_MASTER, 0x6	# it may answer at its address, and use memory
	.set	CARD, 0xe0000000	# where its registers shall be: above RAM; the choice is ours

	.set	CAUSES, CARD + 0xc0	# ICR
	.set	RECEIVED, 1 << 7
	.set	RECEIVE_CONTROL, CARD + 0x100
	.set	RECEIVE_ON, 1 << 1 | 1 << 26	# and leave the frame's checksum out
	.set	TRANSMIT_CONTROL, CARD + 0x400
	.set	TRANSMIT_ON, 1 << 1 | 1 << 3	# and fill short frames up
	.set	RECEIVE, CARD + 0x2800	# of each ring: address, length, head, tail
	.set	TRANSMIT, CARD + 0x3800
	.set	LENGTH, 0x08
	.set	TAIL, 0x18
	.set	MAC_LOW, CARD + 0x5400
	.set	MAC_HIGH, CARD + 0x5404
	.set	END_REPORT_CRC, 0xb	# commands of a descriptor: end of frame, tell when done, add the checksum

	.set	RECEIVE_RING, 0x200000	# memory of a new VM is zero, and so are descriptors that are not set
	.set	TRANSMIT_RING, 0x201000
	.set	BUFFER, 0x202000
	.set	RING_BYTES, 128		# eight descriptors, the fewest that there can be
	.set	PATIENCE, 10000000	# looks at the card; each is an exit

	.code32
start:	jmp	find_card
	.balign	4
multiboot:
	.long	0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
	.long	multiboot, start, end, end, start

find_card:
	cld
	mov	$0x80000, %esp
	mov	$ENABLE, %ebx		# slot 0
1:	mov	%ebx, %eax
	call	select
	in	(%dx), %eax
	cmp	$DEVICE, %eax
	je	2f
	add	$NEXT_SLOT, %ebx
	cmp	$(ENABLE + 32 * NEXT_SLOT), %ebx
	jb	1b
	mov	$no_card, %esi
	jmp	finish
2:	lea	BAR0(%ebx), %eax
	call	select
	mov	$CARD, %eax
	out	%eax, (%dx)
	lea	COMMAND(%ebx), %eax
	call	select
	mov	$MEMORY_AND_MASTER, %eax
	out	%eax, (%dx)

	mov	MAC_LOW, %eax		# who are we?
	mov	%eax, source
	mov	%eax, sender
	mov	MAC_HIGH, %eax
	mov	%ax, source + 4
	mov	%ax, sender + 4

	movl	$BUFFER, RECEIVE_RING	# descriptor 0: where a frame may be stored
	movl	$RECEIVE_RING, RECEIVE
	movl	$RING_BYTES, RECEIVE + LENGTH
	movl	$1, RECEIVE + TAIL	# the card has the descriptors from its head, 0, to the tail
	movl	$RECEIVE_ON, RECEIVE_CONTROL

	movl	$question, TRANSMIT_RING	# descriptor 0: what to send,
	movl	$(question_end - question + (END_REPORT_CRC << 24)), TRANSMIT_RING + 8	# how much, and how
	movl	$TRANSMIT_RING, TRANSMIT
	movl	$RING_BYTES, TRANSMIT + LENGTH
	movl	$TRANSMIT_ON, TRANSMIT_CONTROL
	movl	$1, TRANSMIT + TAIL	# go

	mov	$PATIENCE, %ecx
1:	testl	$RECEIVED, CAUSES	# a driver would sleep until the card interrupts it
	jnz	2f
	loop	1b
	mov	$no_answer, %esi
	jmp	finish

2:	mov	$(BUFFER + 28), %esi	# the answer: the sender's address is at 28, its card's at 22
	mov	$4, %ecx
	mov	$'.', %bl
	mov	$decimal, %edi
	call	print_bytes
	mov	$is_at, %esi
	call	print
	mov	$(BUFFER + 22), %esi
	mov	$6, %ecx
	mov	$':', %bl
	mov	$hexadecimal, %edi
	call	print_bytes
	mov	$line_end, %esi
finish:	call	print
	xor	%eax, %eax
	mov	$0xf4, %edx		# ends the machine if it has an isa-debug-exit there
	out	%eax, (%dx)
	hlt

select:	mov	$CONFIG_ADDRESS, %edx	# EAX: slot and register; leaves the data port in DX
	out	%eax, (%dx)
	mov	$CONFIG_DATA, %edx
	ret

print:	mov	$0x3f8, %edx		# ESI: text
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	ret

print_bytes:				# ESI: ECX bytes, each printed by EDI, with BL between two
	mov	$0x3f8, %edx
1:	xor	%eax, %eax
	lodsb
	call	*%edi
	mov	%bl, %al
	dec	%ecx
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	ret

decimal:				# AL
	aam				# AH: tens, AL: ones
	push	%eax
	mov	%ah, %al
	xor	%ah, %ah
	aam				# hundreds and tens
	push	%eax
	mov	%ah, %al
	mov	%ah, %bh		# not zero once a digit is out
	call	digit_unless_leading
	pop	%eax
	or	%al, %bh
	call	digit_unless_leading
	pop	%eax
	jmp	digit
digit_unless_leading:
	test	%bh, %bh
	jnz	digit
	ret

hexadecimal:				# AL
	aam	$16
	push	%eax
	mov	%ah, %al
	call	digit
	pop	%eax
digit:	add	$'0', %al
	cmp	$'9', %al
	jbe	1f
	add	$('a' - '9' - 1), %al
1:	out	%al, (%dx)
	ret

question:				# an Ethernet frame
	.byte	0xff, 0xff, 0xff, 0xff, 0xff, 0xff	# to all
source:	.skip	6
	.byte	0x08, 0x06		# ARP
	.byte	0, 1, 8, 0, 6, 4, 0, 1	# Ethernet, IPv4, lengths of their addresses, a question
sender:	.skip	6
	.byte	10, 0, 2, 15		# we
	.skip	6
	.byte	10, 0, 2, 2		# and who is this?
question_end:

no_card:
	.asciz	"no such card\n"
no_answer:
	.asciz	"no answer\n"
is_at:	.asciz	" is at "
line_end:
	.asciz	"\n"
end:
