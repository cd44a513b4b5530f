# Real mode: four instructions for a debugger.
# Link at 0x0, loaded at 0xf0000 (segment 0xf000).
	.code16
	mov	$1, %ax
	inc	%ax
	inc	%ax
	hlt
