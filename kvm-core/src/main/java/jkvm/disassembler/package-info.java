/**
 * Machine code of x86 as text, in Intel's and in AT&amp;T's style, word for word as {@code objdump -d} of GNU binutils
 * 2.40 prints it: {@link jkvm.disassembler.Disassembler}. It knows what the KVM in Java executes, and a few system
 * instructions more. AVX and AVX-512 are told by name and length only.
 *
 * <p>The tables are text in the notation of the processor's manual (SDM volume 2, appendix A). They are not those of
 * the interpreter's decoder: that one folds instructions into operations and leaves out everything that has no effect,
 * which is just what a reader wants to see (unused prefixes, aliases, the size of an operand). A test holds the two
 * against each other: whatever the one executes, the other names, with the same length.
 *
 * <p>Nothing here is loaded before someone asks for text.
 */
package jkvm.disassembler;
