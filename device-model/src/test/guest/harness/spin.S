# Real mode: never exits.
# Link at 0x0, loaded at 0xf0000 (segment 0xf000).
	.code16
1:	jmp	1b
