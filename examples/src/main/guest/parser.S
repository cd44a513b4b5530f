# FuzzParser. A parser with a mistake in it. It reads a text of so many bytes: JKV1, then records of a letter, a length,
# and as many bytes: s is skipped, c is copied into a field of 16 bytes on the stack. A multiboot kernel.
# Link at 0x100000
	.set	INPUT, 0x10000		# the text's length, then the text
	.set	STACK, 0x80000
	.set	FIELD, 16
	.set	PORT, 0xf4

	.code32
start:	jmp	ready
	.balign	4
multiboot:
	.long	0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
	.long	multiboot, start, end, end, start

ready:	mov	$STACK, %esp
	cld
	out	%al, $PORT		# each experiment begins here
	call	parse
	out	%al, $PORT		# and ends here
1:	hlt
	jmp	1b

parse:	sub	$FIELD, %esp
	mov	INPUT, %ecx
	mov	$(INPUT + 4), %esi
	call	byte			# byte by byte, as parsers do
	cmp	$'J', %al
	jne	done
	call	byte
	cmp	$'K', %al
	jne	done
	call	byte
	cmp	$'V', %al
	jne	done
	call	byte
	cmp	$'1', %al
	jne	done

record:	call	byte
	mov	%al, %bl
	call	byte
	movzbl	%al, %edx
	cmp	$'c', %bl
	je	copy
	cmp	$'s', %bl
	jne	done
	add	%edx, %esi
	sub	%edx, %ecx
	jg	record
	jmp	done

copy:	cmp	$FIELD, %dl
	jg	done			# the mistake: from 128 on the length is negative here
	mov	%esp, %edi
	sub	%edx, %ecx
	xchg	%edx, %ecx
	rep movsb
	xchg	%edx, %ecx
	test	%ecx, %ecx
	jg	record

done:	add	$FIELD, %esp
	ret

byte:	dec	%ecx			# the next byte of the text in AL; 0 after its end
	js	1f
	lodsb
	ret
1:	xor	%eax, %eax
	ret
end:
