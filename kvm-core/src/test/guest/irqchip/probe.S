# Accesses ports and memory as a table says, so that a test can compare interrupt controllers register by register.
# Link at 0x1000
#
# 32-bit flat segments, no paging, interrupts off. The table at 0x10000 has entries of four words: operation, address,
# value, result. Operation 0 writes to port 0x10; the table is begun anew when the guest goes on from there.

        .equ    TABLE, 0x10000
        .equ    STACK, 0x8000
        .equ    END_PORT, 0x10
        .equ    NO_VECTOR, -1
        .equ    LINK, 0x1000

        .code32
        .globl  start
start:
        mov     $STACK, %esp
        lgdt    gdt_pointer
        lidt    idt_pointer
again:
        mov     $TABLE, %esi
next:
        mov     (%esi), %eax
        mov     4(%esi), %edx
        mov     8(%esi), %ebx
        cmp     $(operations_end - operations) / 4, %eax
        jae     finish
        jmp     *operations(, %eax, 4)

finish: out     %al, $END_PORT
        jmp     again

in_byte:
        mov     %ebx, %eax
        in      %dx, %al
        jmp     done
in_word:
        mov     %ebx, %eax
        in      %dx, %ax
        jmp     done
out_byte:
        mov     %ebx, %eax
        out     %al, %dx
        jmp     done
out_word:
        mov     %ebx, %eax
        out     %ax, %dx
        jmp     done
load_byte:
        movzbl  (%edx), %eax
        jmp     done
load_word:
        movzwl  (%edx), %eax
        jmp     done
load_long:
        mov     (%edx), %eax
        jmp     done
store_byte:
        mov     %bl, (%edx)
        jmp     done
store_word:
        mov     %bx, (%edx)
        jmp     done
store_long:
        mov     %ebx, (%edx)
        jmp     done
# Takes at most one interrupt; the result is its vector. A KVM that emulates many instructions at once looks for
# interrupts late, but always when it is entered, so this operation exits in the middle.
interrupt:
        mov     $NO_VECTOR, %eax
        sti
        out     %al, $END_PORT
        cli
done:
        mov     %eax, 12(%esi)
        add     $16, %esi
        jmp     next

# Interrupts stay off. Without IRET, which KVM's emulator does not have in protected mode.
handler:
        pop     %eax
        add     $12, %esp
        jmp     done

        .p2align 2
operations:
        .long   finish, in_byte, in_word, out_byte, out_word, load_byte, load_word, load_long
        .long   store_byte, store_word, store_long, interrupt
operations_end:

idt_pointer:
        .word   256 * 8 - 1
        .long   idt

gdt_pointer:
        .word   gdt_end - gdt - 1
        .long   gdt

        .p2align 3
gdt:    .quad   0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
gdt_end:

        .p2align 4
vectors:
        .set    vector, 0
        .rept   256
        .p2align 4
        push    $vector
        .byte   0xE9
        .long   handler - (. + 4)
        .set    vector, vector + 1
        .endr

        .p2align 3
idt:
        .set    vector, 0
        .rept   256
        .word   (vectors - start + LINK) + vector * 16
        .word   0x08
        .word   0x8E00
        .word   0
        .set    vector, vector + 1
        .endr
