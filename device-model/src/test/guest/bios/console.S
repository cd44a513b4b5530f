# A program that takes its commands by INT 16h, a letter each, and prints by INT 10h what the services answer, a line
# for each command. It begins with a prompt.
# Link at 0x7c00

    .code16
BUFFER = 0x6000
SMAP = 0x534d4150
MASKS = 0x21

    ljmp $0, $begin
begin:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %sp
    cld
    mov $'>', %al
    call put
next:
    xor %ax, %ax
    int $0x16
    mov $commands, %si
1:  cmpb $0, (%si)
    je next
    cmp (%si), %al
    je 2f
    add $3, %si
    jmp 1b
2:  call *1(%si)
    call newline
    jmp next

commands:
    .byte 'w'
    .word wait
    .byte 'm'
    .word masked
    .byte 't'
    .word ticks
    .byte 'e'
    .word memory_map
    .byte 'p'
    .word pci
    .byte 'd'
    .word date
    .byte 'k'
    .word keys
    .byte 's'
    .word stack
    .byte 'r'
    .word rom
    .byte 'o'
    .word own_call
    .byte 'c'
    .word mouse
    .byte 'x'
    .word exit
    .byte 0

put:
    mov $0x0e, %ah
    int $0x10
    ret
newline:
    mov $'\r', %al
    call put
    mov $'\n', %al
    jmp put
text:                           # after the call, up to a zero
    pop %si
1:  lodsb
    test %al, %al
    jz 2f
    call put
    jmp 1b
2:  jmp *%si
hex:                            # EAX and a blank
    push %cx
    push %edx
    mov %eax, %edx
    mov $8, %cx
1:  rol $4, %edx
    mov %dl, %al
    and $15, %al
    add $'0', %al
    cmp $'9', %al
    jbe 2f
    add $'a' - '0' - 10, %al
2:  call put
    loop 1b
    mov $' ', %al
    call put
    pop %edx
    pop %cx
    ret

wait:                           # 300 ms
    call text
    .asciz "waits "
    mov $0x0004, %cx
    mov $0x93e0, %dx
    mov $0x86, %ah
    int $0x15
    jc failed
    call text
    .asciz "waited"
    ret
failed:
    call text
    .asciz "failed"
    ret

masked:                         # the same for 2 ms without any interrupt
    in $MASKS, %al
    push %ax
    mov $0xff, %al
    out %al, $MASKS
    xor %cx, %cx
    mov $2000, %dx
    mov $0x86, %ah
    int $0x15
    pop %ax
    out %al, $MASKS
    jc failed
    call text
    .asciz "masked"
    ret

ticks:                          # INT 1Ch comes with each tick, and the count goes on
    movw $tick, 4 * 0x1c
    movw $0, 4 * 0x1c + 2
    xor %ax, %ax
    int $0x1a
    mov %dx, %bx
    movw $0, count
1:  hlt
    cmpw $3, count
    jb 1b
    xor %ax, %ax
    int $0x1a
    sub %bx, %dx
    cmp $3, %dx
    jb failed
    call text
    .asciz "ticks"
    ret
tick:
    incw %cs:count
    iret
count:
    .word 0

memory_map:
    xor %ebx, %ebx
1:  mov $0xe820, %eax
    mov $SMAP, %edx
    mov $24, %ecx
    mov $BUFFER, %di
    int $0x15
    jc failed
    mov BUFFER, %eax
    call hex
    mov BUFFER + 8, %eax
    call hex
    mov BUFFER + 16, %eax
    call hex
    mov %ecx, %eax
    call hex
    test %ebx, %ebx
    jz 2f
    call newline
    jmp 1b
2:  ret

pci:                            # the host bridge by its class, and its ids
    mov $0xb101, %ax
    int $0x1a
    jc failed
    mov %edx, %eax
    call hex
    mov $0xb103, %ax
    mov $0x060000, %ecx
    xor %si, %si
    int $0x1a
    jc failed
    mov $0xb10a, %ax
    xor %di, %di
    int $0x1a
    jc failed
    mov %ecx, %eax
    call hex
    ret

date:                           # century and year, month and day
    mov $0x04, %ah
    int $0x1a
    jc failed
    movzwl %cx, %eax
    shl $16, %eax
    mov %dx, %ax
    call hex
    ret

keys:                           # the next key of the keyboard, after INT 15h, AH=4Fh has made a "b" of an "a"
    mov 4 * 0x15, %eax
    mov %eax, old
    movw $intercept, 4 * 0x15
    movw $0, 4 * 0x15 + 2
    call text
    .asciz "press "
    mov $0x10, %ah
    int $0x16
    mov old, %ecx
    mov %ecx, 4 * 0x15
    movzwl %ax, %eax
    call hex
    ret
intercept:
    cmp $0x4f, %ah
    jne 1f
    cmp $0x1e, %al
    jne 1f
    mov $0x30, %al
    stc
    lret $2
1:  ljmp *%cs:old
old:
    .long 0

stack:                          # a call whose frame wraps at the segment's end
    mov %sp, %bp
    mov $0x3000, %ax
    cli
    mov %ax, %ss
    mov $0x0e, %sp
    int $0x12
    xor %cx, %cx
    mov %cx, %ss
    mov %bp, %sp
    sti
    movzwl %ax, %eax
    call hex
    ret

rom:                            # a service that writes over the ROM leaves it as it is
    mov $0xf000, %cx
    mov %cx, %fs
    mov %fs:0xfff0, %bx
    mov $0xe820, %eax
    mov $SMAP, %edx
    mov $20, %ecx
    push %bx
    xor %ebx, %ebx
    mov $0xfff0, %di
    push %es
    mov $0xf000, %si
    mov %si, %es
    int $0x15
    pop %es
    pop %bx
    cmp %bx, %fs:0xfff0
    jne failed
    call text
    .asciz "rom"
    ret

own_call:                       # writes to the port of the ROM's code, which reads as a frame what is there
    mov $0x4a4c, %dx
    mov $0xffff0000, %eax
1:  out %eax, (%dx)
    sub $0x01230101, %eax
    cmp $0x40000000, %eax
    ja 1b
    out %al, (%dx)
    in (%dx), %eax
    call hex
    ret

mouse:                          # the next packet: status, X, Y
    mov $0xc205, %ax
    mov $3, %bh
    int $0x15
    jc failed
    mov $moved, %bx
    mov $0xc207, %ax
    int $0x15
    jc failed
    mov $0xc200, %ax
    mov $1, %bh
    int $0x15
    jc failed
    movw $0, packets
    call text
    .asciz "move "
1:  hlt
    cmpw $0, packets
    je 1b
    movzwl status, %eax
    call hex
    mov vertical, %eax          # and X above it
    call hex
    mov $0xc200, %ax
    xor %bh, %bh
    int $0x15
    ret
moved:                          # far called with status, X, Y and Z on the stack, Z last
    push %bp
    mov %sp, %bp
    mov 12(%bp), %ax
    mov %ax, %cs:status
    mov 10(%bp), %ax
    mov %ax, %cs:horizontal
    mov 8(%bp), %ax
    mov %ax, %cs:vertical
    incw %cs:packets
    pop %bp
    lret
packets:
    .word 0
status:
    .word 0
vertical:
    .word 0
horizontal:
    .word 0

exit:
    mov $1, %al
    out %al, $0xf4
    hlt
