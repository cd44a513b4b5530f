# Real mode: port accesses of every width, and string input and output with a count.
# Link at 0x0, loaded at 0xf0000 (segment 0xf000).
	.code16
	mov	$0x100, %dx
	in	(%dx), %al
	mov	$0x200, %dx
	out	%al, (%dx)
	mov	$0x102, %dx
	in	(%dx), %ax
	mov	$0x202, %dx
	out	%ax, (%dx)
	mov	$0x104, %dx
	in	(%dx), %eax
	mov	$0x204, %dx
	out	%eax, (%dx)

	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	cld
	mov	$0x108, %dx
	mov	$0x1000, %di
	mov	$5, %cx
	rep	insb
	mov	$0x208, %dx
	mov	$0x1000, %si
	mov	$5, %cx
	rep	outsb

	mov	$0x10a, %dx
	mov	$0x1000, %di
	mov	$3, %cx
	rep	insw
	mov	$0x20a, %dx
	mov	$0x1000, %si
	mov	$3, %cx
	rep	outsw

	mov	$0x10c, %dx
	mov	$0x1000, %di
	mov	$3, %cx
	rep	insl
	mov	$0x20c, %dx
	mov	$0x1000, %si
	mov	$3, %cx
	rep	outsl
	hlt
