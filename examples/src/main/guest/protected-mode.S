# Lesson 3. From real mode to 32-bit protected mode, where a segment is an entry of a table: base, limit, rights. It
# runs in segment 0xf000, so labels are offsets from 0xf0000; protected mode has flat segments and needs BOOT + label.
# Link at 0x0
	.set	BOOT, 0xf0000
	.set	CODE, 1 * 8		# a selector is the entry's offset in the table
	.set	DATA, 2 * 8

	.code16
	cli				# there is no interrupt table for protected mode here
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	gdt_pointer
	mov	%cr0, %eax
	or	$1, %eax		# PE, protection enable
	mov	%eax, %cr0
	ljmpl	$CODE, $(BOOT + protected)	# loads CS from the table: from here on code is 32-bit

	.code32
protected:
	mov	$DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	movl	$0x12345678, 0x200000	# 2 MiB: out of real mode's reach
	cld
	mov	$(BOOT + text), %esi
	mov	$(text_end - text), %ecx
	mov	$0x3f8, %edx
	rep	outsb
	hlt

text:	.ascii	"hello from protected mode\n"
text_end:

	.balign	8
gdt:	.quad	0			# the first entry is never used
	.quad	0x00cf9b000000ffff	# code: base 0, limit 4 GiB, 32-bit, may be read
	.quad	0x00cf93000000ffff	# data: base 0, limit 4 GiB, may be written
gdt_pointer:
	.word	. - gdt - 1
	.long	BOOT + gdt
