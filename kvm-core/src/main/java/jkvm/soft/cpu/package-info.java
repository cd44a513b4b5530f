/**
 * The processor: the execution of the guest's instructions.
 *
 * <p>{@link Cpu} is the state, in plain fields. {@link Processor} executes it, and the KVM around it calls that. One
 * instruction takes these steps:
 * <ol>
 * <li>{@code CodeCache} finds the block of decoded instructions that begins at RIP. If there is none, {@code Decoder}
 * turns bytes into {@link Insn}, one after the other, until a jump or the page's end. A block depends on
 * the mode and the code segment too ({@link CpuMode}).</li>
 * <li>{@code Interpreter} executes the block. The common instructions are in its own switch; {@code Groups} hands the
 * others to the class that knows them: {@code IntegerOps}, {@code BitOps}, {@code StackOps}, {@code StringOps},
 * {@code PortOps}, {@code SystemOps}, {@code X87Ops}, {@code MmxOps}, {@code SseOps}.</li>
 * <li>Arithmetic leaves its operands instead of flags; {@link Flags} computes the flags when they are
 * asked for.</li>
 * <li>Memory is accessed through {@link jkvm.soft.mmu.Mmu}, before a register changes. A fault leaves as an exception;
 * {@code Processor} sets RIP to the instruction and {@link Delivery} enters the guest's handler.</li>
 * <li>At the end of each block the loop checks for requests for attention; blocks that were executed often are
 * compiled by {@code jkvm.soft.jit}.</li>
 * </ol>
 *
 * <p>A hostile guest can rewrite the code that it executes, map it elsewhere, let devices write over it, or execute
 * across page ends: see {@code CodeCache} for how each is found. Tables that a guest can make grow are bounded: decoded
 * pages, contexts, the length of a block and of a stay in the loop.
 */
package jkvm.soft.cpu;
