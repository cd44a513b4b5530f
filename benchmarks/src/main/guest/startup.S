# The smallest guest that two hypervisors can be timed with: prints one character on COM1, ends with code 1 through
# isa-debug-exit at 0xf4. The image is an ELF file with a PVH note, its headers written by hand. Link at 0x100000
	.code32
	.set	PT_LOAD, 1
	.set	PT_NOTE, 4
	.set	XEN_ELFNOTE_PHYS32_ENTRY, 18

header:	.byte	0x7f
	.ascii	"ELF"
	.byte	1, 1, 1			# 32 bits, little-endian, version 1
	.org	16
	.short	2, 3			# executable, i386
	.long	1, entry, programs - header, 0, 0
	.short	52, 32, 2, 0, 0, 0

programs:
	.long	PT_LOAD, 0, header, header, end - header, end - header, 7, 0x1000
	.long	PT_NOTE, note - header, note, note, entry - note, entry - note, 4, 4

note:	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	entry

entry:	mov	$0x3f8, %edx
	mov	$'A', %al
	out	%al, (%dx)
	xor	%eax, %eax
	out	%al, $0xf4
1:	hlt
	jmp	1b
end:
