package jkvm.soft.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.soft.cpu.CompiledCode;
import jkvm.soft.cpu.Cpu;
import org.junit.jupiter.api.Test;

/** A region is given to its vCPU when the JVM has compiled it, which shows in the time of its calls. */
class WarmUpTest {
    private static final long INTERPRETED_NANOS = 20_000;
    private int handedOver;

    /** A method whose calls take as long as those of one that the JVM interprets, until it is told otherwise. */
    private static final class Method extends CompiledCode {
        private boolean compiled;
        private int calls;

        @Override
        public int run(Cpu cpu) {
            calls++;
            long end = System.nanoTime() + INTERPRETED_NANOS;
            while (!compiled && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            return LEFT;
        }
    }

    @Test
    void shouldNotHandARegionOverBeforeItIsCompiled() {
        Method method = new Method();
        WarmUp warmUp = new WarmUp(method, () -> handedOver++);

        assertTrue(warmUp.proceed());
        assertEquals(0, handedOver);
        assertTrue(method.calls >= 100, "calls make the JVM compile");
    }

    @Test
    void shouldHandARegionOverWhenItsCallsAreFast() {
        Method method = new Method();
        WarmUp warmUp = new WarmUp(method, () -> handedOver++);
        warmUp.proceed();

        method.compiled = true;

        assertFalse(warmUp.proceed());
        assertEquals(1, handedOver);
    }

    @Test
    void shouldHandARegionOverInTheEndThoughItIsNotCompiled() {
        WarmUp warmUp = new WarmUp(new Method(), () -> handedOver++);

        int rounds = 0;
        while (warmUp.proceed()) {
            rounds++;
            assertTrue(rounds < 1000, "waits for ever");
        }

        assertEquals(1, handedOver);
    }

    @Test
    void shouldNotCallSoOftenThatTheJvmTakesCallsThatReturnAtOnceForTheRule() {
        Method method = new Method();
        method.compiled = true;
        WarmUp warmUp = new WarmUp(method, () -> handedOver++);

        for (int i = 0; i < 200 && handedOver == 0; i++) {
            warmUp.proceed();
        }

        assertTrue(method.calls < 5_000, "after 5,000 calls the JVM compiles for good: " + method.calls);
    }
}
