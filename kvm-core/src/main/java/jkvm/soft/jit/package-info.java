/**
 * Compiles hot guest code to JVM bytecode, which the JVM's own compilers then make into machine code.
 *
 * <p>A hot loop takes these steps. The interpreter counts how often a block is entered ({@code jkvm.soft.cpu.Block}).
 * At the threshold {@code RegionFinder} collects the decoded blocks around it, and {@link CompilerThread}
 * lets {@link RegionCompiler} write one method: guest registers are its locals, guest jumps its jumps,
 * guest memory is the software TLB's fast path in line. The class is hidden, so that it goes when nothing refers to it.
 *
 * <p>Compiled code decides nothing hard. An access that the software TLB has no page for may fault, exit to user space
 * or write into decoded code: the method stores its locals, which are as they were before the instruction, and the
 * interpreter executes that instruction. A region is part of its page's decoded code: when the code cache forgets the
 * page, it forgets the region.
 */
package jkvm.soft.jit;
