# Flat protected mode: an exception without an interrupt table, a triple fault.
# Link at 0x100000
	.code32
	lidt	empty
	ud2
empty:	.word	0
	.long	0
