package jkvm.soft.cpu;

/**
 * Tells a vCPU's observer from time to time where the guest executes, after so many instructions that what it hears is
 * a fair sample of a long run, and more often at the beginning, so that a short run is seen, too.
 */
final class ExecutionSamples {
    /** A prime: few loops have a multiple of it, and would always be met at the same place. */
    private static final int LAST_PERIOD = 10_007;
    private static final int FIRST_PERIOD = 101;
    /** The part of a run that one sample is at most. */
    private static final int PARTS_SHIFT = 7;

    private final Cpu cpu;
    private long last;
    /** The count of instructions from which on the next sample is due; without an observer there is none. */
    long next;

    ExecutionSamples(Cpu cpu) {
        this.cpu = cpu;
        next = cpu.observer == null ? Long.MAX_VALUE : FIRST_PERIOD;
    }

    /** Takes a sample. The processor is between two instructions. */
    void take() {
        long linear = (cpu.mode & CpuMode.CODE_64) != 0 ? cpu.rip
                : cpu.segments[Segment.CS].base + cpu.rip & 0xFFFFFFFFL;
        cpu.observer.executed(linear, cpu.instructions - last, (cpu.mode & CpuMode.USER) != 0);
        last = cpu.instructions;
        next = last + Math.clamp(last >> PARTS_SHIFT, FIRST_PERIOD, LAST_PERIOD);
    }
}
