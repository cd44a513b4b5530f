# Lesson 16. Writes to some pages, and halts; goes on, and writes to another.
# Link at 0x1000
	.code16
	movb	$1, 0x3000
	movb	$1, 0x5000
	movb	$1, 0x5800	# the same page
	hlt
	movb	$1, 0x7000
	hlt
