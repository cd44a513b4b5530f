# Lesson 2. Real mode is the mode that a PC starts in: 16-bit code, no protection, an address is segment * 16 + offset.
# The host puts this at 0x1000 and sets CS to 0, AL to 2 and BL to 3.
# Link at 0x1000
	.code16
	add	%bl, %al	# what the guest computes, the processor computes: KVM sees none of it
	add	$'0', %al
	mov	$0x3f8, %dx	# the first serial port's data register
	out	%al, (%dx)	# there is no such device in the VM: KVM_RUN returns to the host with KVM_EXIT_IO
	hlt			# and here with KVM_EXIT_HLT
