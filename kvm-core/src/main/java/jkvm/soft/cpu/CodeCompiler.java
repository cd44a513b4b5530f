package jkvm.soft.cpu;

/** Compiles hot regions, on a thread of its own. A processor without one interprets everything. */
public interface CodeCompiler {
    /**
     * True if the instruction can be part of a region. Those that end a block and cannot are left to the interpreter.
     */
    boolean accepts(Insn in);

    /**
     * Requests the compilation of a region. Returns at once; called on the vCPU's thread. The compiler takes the region
     * or drops it if it has no time.
     *
     * @return false if it is dropped
     */
    boolean request(CodeRegion region);

    /** A region that is ready, its method compiled by the JVM, or null. Called on the vCPU's thread. */
    Result poll();

    /**
     * A compiled region.
     *
     * @param region as it was requested
     * @param code   null where it cannot be compiled
     */
    record Result(CodeRegion region, CompiledCode code) {
    }
}
