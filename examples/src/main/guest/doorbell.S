# Lesson 14. Rings a doorbell five times: a write to port 0x100 tells the host that there is work.
# Link at 0x1000
	.code16
	mov	$0x100, %dx
	mov	$1, %al
1:	out	%al, (%dx)
	inc	%al
	cmp	$5, %al
	jbe	1b
	out	%al, $0xf4	# the end
	hlt
