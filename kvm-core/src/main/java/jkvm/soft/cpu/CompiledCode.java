package jkvm.soft.cpu;

/** A region of guest code that was compiled to JVM bytecode. Belongs to one vCPU: its TLB is part of the code. */
public abstract class CompiledCode {
    /**
     * Answers of {@link #run}: RIP is where execution goes on, or at an instruction that the interpreter has to
     * execute alone, or at one whose access to memory the TLB has no page for.
     */
    public static final int LEFT = 0, INTERPRET = 1, MISSED = 2;

    /**
     * Executes the region from its entry until it is left, the TLB misses or {@link Cpu#budget} is used up. The
     * processor is up to date then: registers, flags, RIP, budget.
     *
     * @param cpu null to return at once, with {@link #LEFT}: the JVM compiles what is called often
     */
    public abstract int run(Cpu cpu);
}
