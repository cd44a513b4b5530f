# Flat protected mode: jumps to an address without memory, which KVM cannot execute: an internal error.
# Link at 0x100000
	.code32
	mov	$0xd0000000, %edi
	jmp	*%edi
