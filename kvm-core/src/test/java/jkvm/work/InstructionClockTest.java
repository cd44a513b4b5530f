package jkvm.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import jkvm.state.StateBuffer;
import jkvm.state.StateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The clock beside a vCPU that executes as many instructions as it may. */
@Timeout(60)
class InstructionClockTest {
    private static final long START = 1_000_000_000L;

    private final List<String> done = new ArrayList<>();
    private long instructions;
    private int attended;

    private InstructionClock clock(int shift, boolean sleeps) {
        InstructionClock clock = new InstructionClock(shift, sleeps, false, START);
        clock.attach(new InstructionClock.Counter() {
            @Override
            public long instructions() {
                return instructions;
            }

            @Override
            public void attend() {
                attended++;
            }
        });
        return clock;
    }

    private InstructionClock.Timer timer(InstructionClock clock, String name) {
        return clock.timer(() -> done.add(name + " at " + clock.nanos()));
    }

    /** Executes as the vCPU does, up to a count. */
    private void execute(InstructionClock clock, long count) {
        clock.runDue();
        while (instructions < count) {
            instructions += Math.min(clock.allowance(), count - instructions);
            clock.runDue();
        }
    }

    @Test
    void shouldTakeAFixedTimeForEachInstruction() {
        InstructionClock clock = clock(3, false);
        instructions = 100;

        assertEquals(800, clock.nanos());
        assertEquals(START + 800, clock.wallNanos());
    }

    @Test
    void shouldExpireTimersAtTheFirstInstructionThatIsNotBeforeTheirDeadline() {
        InstructionClock clock = clock(3, false);
        timer(clock, "second").arm(1001);
        timer(clock, "first").arm(80);

        execute(clock, 1000);

        assertEquals(List.of("first at 80", "second at 1008"), done);
    }

    @Test
    void shouldExpireTimersOfOneMomentInTheOrderInWhichTheyWereMade() {
        InstructionClock clock = clock(0, false);
        InstructionClock.Timer first = timer(clock, "first");
        timer(clock, "second").arm(50);
        first.arm(50);

        execute(clock, 100);

        assertEquals(List.of("first at 50", "second at 50"), done);
    }

    @Test
    void shouldForgetATimerThatIsCancelledOrClosed() {
        InstructionClock clock = clock(0, false);
        InstructionClock.Timer cancelled = timer(clock, "cancelled");
        InstructionClock.Timer closed = timer(clock, "closed");
        cancelled.arm(50);
        closed.arm(50);
        cancelled.cancel();
        closed.close();

        execute(clock, 100);

        assertEquals(List.of(), done);
    }

    @Test
    void shouldAskForALookWhenATimerIsDueBeforeTheVcpuWouldLook() {
        InstructionClock clock = clock(0, false);
        InstructionClock.Timer timer = timer(clock, "timer");
        timer.arm(1000);
        clock.allowance();
        attended = 0;

        timer.arm(2000);
        assertEquals(0, attended);
        timer.arm(500);
        assertEquals(1, attended);
    }

    @Test
    void shouldHandOverInputAtTheNextMultipleOfTheQuantum() {
        InstructionClock clock = clock(0, false);
        execute(clock, 1234);
        clock.input(() -> done.add("input at " + clock.nanos()));

        execute(clock, 3 * InstructionClock.INPUT_QUANTUM_NANOS);

        assertEquals(List.of("input at " + InstructionClock.INPUT_QUANTUM_NANOS), done);
    }

    @Test
    void shouldStopAtACountOnce() {
        InstructionClock clock = clock(2, false);
        clock.stopAt(77, () -> done.add("stopped at " + clock.count()));

        execute(clock, 1000);

        assertEquals(List.of("stopped at 77"), done);
    }

    @Test
    void shouldGoForwardToTheNextTimerWhileTheVcpuIsHalted() {
        InstructionClock clock = clock(0, false);
        timer(clock, "timer").arm(1_000_000_000_000L);
        execute(clock, 10);

        clock.idle();

        assertEquals(List.of("timer at 1000000000000"), done);
        assertEquals(10, clock.count());
    }

    @Test
    void shouldSleepAsLongAsTheClockSaysAndThenShowExactlyTheDeadline() {
        InstructionClock clock = clock(0, true);
        timer(clock, "timer").arm(20_000_000);
        long before = System.nanoTime();

        while (done.isEmpty()) {
            clock.idle();
        }

        assertTrue(System.nanoTime() - before >= 20_000_000);
        assertEquals(List.of("timer at 20000000"), done);
    }

    @Test
    void shouldEndASleepForInputWithTheTimeThatItTook() {
        InstructionClock clock = clock(0, true);
        timer(clock, "timer").arm(100_000_000_000_000L);
        // The sleep ends at once: it begins, and is not waited for.
        LockSupport.unpark(Thread.currentThread());
        clock.idle();
        long before = System.nanoTime();
        while (System.nanoTime() - before < 5_000_000) {
            Thread.onSpinWait();
        }
        clock.input(() -> done.add("input at " + clock.nanos() % InstructionClock.INPUT_QUANTUM_NANOS));

        while (done.isEmpty()) {
            clock.idle();
        }

        assertEquals(List.of("input at 0"), done);
        assertTrue(clock.nanos() >= 5_000_000, "" + clock.nanos());
    }

    @Test
    void shouldLetTheGuestExecuteWhileATimerStartsItselfInThePast() {
        InstructionClock clock = clock(0, false);
        InstructionClock.Timer[] timer = new InstructionClock.Timer[1];
        timer[0] = clock.timer(() -> timer[0].arm(0));
        timer[0].arm(0);

        execute(clock, 100);

        assertEquals(100, instructions);
    }

    @Test
    void shouldGoOnAfterAnActionThatThrows() {
        InstructionClock clock = clock(0, false);
        clock.timer(() -> {
            throw new IllegalStateException("for a test");
        }).arm(5);
        timer(clock, "next").arm(6);

        execute(clock, 10);

        assertEquals(List.of("next at 6"), done);
    }

    @Test
    void shouldDoCountedWorkAFixedTimeAfterItsWakeAndNoneWhenClosed() {
        InstructionClock clock = clock(0, false);
        Worker worker = Workers.counted(clock).worker("worker", () -> done.add("work at " + clock.nanos()));
        execute(clock, 100_000);
        worker.wake();
        worker.wake();
        execute(clock, 200_000);
        worker.close();
        worker.wake();
        execute(clock, 300_000);

        assertEquals(List.of("work at " + InstructionClock.WORK_NANOS,
                "work at " + (100_000 + InstructionClock.WORK_NANOS)), done);
    }

    @Test
    void shouldKeepTheMomentOfCountedWorkWhenAPauseEndsBeforeAndDoItLaterWhenNot() {
        InstructionClock clock = clock(0, false);
        Workers workers = Workers.counted(clock);
        Worker worker = workers.worker("worker", () -> done.add("work at " + clock.nanos()));
        workers.pause();
        workers.resume();
        execute(clock, 100_000);
        worker.wake();
        worker.pause();
        execute(clock, 200_000);
        worker.resume();
        execute(clock, 300_000);

        assertEquals(List.of("work at " + InstructionClock.WORK_NANOS,
                "work at " + (200_000 + InstructionClock.WORK_NANOS)), done);
    }

    @Test
    void shouldRefuseAShiftOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> new InstructionClock(11, false, false, 0));
        assertThrows(IllegalArgumentException.class, () -> new InstructionClock(-1, false, false, 0));
    }

    @Test
    void shouldGoOnFromTheCountOfAnotherMachine() {
        InstructionClock clock = clock(2, false);
        timer(clock, "halt").arm(1000);
        instructions = 10;
        clock.idle();
        StateBuffer state = new StateBuffer("clock");
        clock.save(state);

        instructions = 3;
        InstructionClock next = clock(2, false);
        next.load(state);

        assertEquals(10, next.count());
        assertEquals(1000, next.nanos());
        instructions = 4;
        assertEquals(1004, next.nanos());
        List<Long> stops = new ArrayList<>();
        next.stopAt(15, () -> stops.add(next.count()));
        execute(next, 20);
        assertEquals(List.of(15L), stops);
        state.rewind();
        assertThrows(StateException.class, () -> clock(3, false).load(state));
    }

    @Test
    void shouldLetWorkersBeDueWhenTheyWereInAnotherMachine() {
        StateBuffer state = new StateBuffer("workers");
        try (Workers workers = Workers.counted(clock(0, false))) {
            workers.worker("a", () -> { });
            workers.worker("b", () -> { }).wake();
            workers.save(state);
        }
        instructions = 0;
        InstructionClock clock = clock(0, false);
        try (Workers workers = Workers.counted(clock)) {
            execute(clock, InstructionClock.WORK_NANOS / 2);
            workers.worker("b", () -> done.add("b at " + clock.nanos()));
            Worker later = workers.worker("c", () -> done.add("c at " + clock.nanos()));
            workers.load(state);
            execute(clock, 2 * InstructionClock.WORK_NANOS);
            assertEquals(List.of("b at " + InstructionClock.WORK_NANOS), done, "c was not there, so it is not due");
            done.clear();
            later.wake();
            execute(clock, 4 * InstructionClock.WORK_NANOS);
        }
        assertEquals(1, done.size(), "c is due when it is woken");
    }
}
