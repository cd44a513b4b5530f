package jkvm.soft.jit;

import jkvm.soft.cpu.CompiledCode;

/**
 * Makes the JVM compile a region's method before a vCPU enters it. The JVM interprets a method's bytecodes until it
 * was called some hundred times, and that is slower than the interpreter of guest code. So the method is called that
 * often on the compiler's thread, without a processor: it returns at once. The JVM does not tell when it has
 * compiled; a call then takes a fraction of the time that the first ones took.
 */
final class WarmUp {
    private static final int CALLS = 64;
    /** The JVM compiles at first after some 200 calls, more if it has much to do; after 5,000 once more, for good. */
    private static final int MAX_CALLS = 2000, FEW_CALLS = 8;
    /** A call of a compiled method takes less than this part of an interpreted one's time. */
    private static final int FASTER = 3;
    /** After so long the region is handed over as it is: the JVM may have no compiler, or too much to compile. */
    private static final long PATIENCE_NANOS = 100_000_000;

    private final CompiledCode code;
    private final Runnable ready;
    private final long since = System.nanoTime();
    private final long interpreted;
    private int calls;

    /** @param ready called once when the region is compiled, or the time is up */
    WarmUp(CompiledCode code, Runnable ready) {
        this.code = code;
        this.ready = ready;
        // The least of three: another thread may have had the processor meanwhile.
        long least = nanosPerCall();
        for (int i = 1; i < 3; i++) {
            least = Math.min(least, nanosPerCall());
        }
        interpreted = least;
    }

    private long nanosPerCall() {
        int count = calls < MAX_CALLS ? CALLS : FEW_CALLS;
        calls += count;
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            code.run(null);
        }
        return (System.nanoTime() - begin) / count;
    }

    /**
     * Calls the method some more.
     *
     * @return false if the region has been handed over
     */
    boolean proceed() {
        if (nanosPerCall() * FASTER < interpreted || System.nanoTime() - since > PATIENCE_NANOS) {
            ready.run();
            return false;
        }
        return true;
    }
}
