# Lesson 23. The smallest BIOS: each service is a write to a port of its own, which is an exit. The host does the work,
# and changes the registers as the service says. It puts this at 0xa000, and its addresses into the table of interrupts.
# Link at 0xa000
	.code16
	out	%al, $0xb0		# entry 0
	iret
	.balign	4
	out	%al, $0xb1		# entry 1, four bytes further
	iret
	.balign	4
	out	%al, $0xb2
	iret
