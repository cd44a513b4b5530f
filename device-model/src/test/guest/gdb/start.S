    .section .multiboot, "a"
    .long 0x1badb002, 0, -0x1badb002
    .text
    .globl _start
_start:
    mov $stack_end, %esp
    call guest_main
    .bss
    .skip 4096
stack_end:
