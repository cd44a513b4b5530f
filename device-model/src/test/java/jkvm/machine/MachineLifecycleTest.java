package jkvm.machine;

import static jkvm.machine.MachineRun.await;
import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import jkvm.bus.LogRecorder;
import jkvm.control.guest.Guest;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.config.MachineConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** States, commands and events of a machine whose guest is a few bytes of real-mode code at 0x1000. */
@GuestTest
@Timeout(60)
class MachineLifecycleTest {
    /** Writes A to the serial port again and again. */
    private static final String CHATTER = "b0 41 ba f8 03 ee eb fd";
    private static final String WRITE_A = "b0 41 ba f8 03 ee";
    private static final String POWER_OFF = "ba 04 06 b8 00 20 ef eb fe";
    private static final String RESET = "b0 fe e6 64 eb fe";
    private static final String EXIT = "b0 05 e6 f4 eb fe";

    private final Guests guests;
    /** Those of the last guest, causes after their event. */
    private final List<String> events = new CopyOnWriteArrayList<>();
    private Guest guest;

    MachineLifecycleTest(Guests guests) {
        this.guests = guests;
    }

    private Guest guest(String code) {
        return guest(code, config -> config);
    }

    private Guest guest(String code, UnaryOperator<MachineConfig.Builder> more) {
        events.clear();
        guest = guests.code(code, more).onEvent(event -> events.add(event.cause() == null ? event.type().name()
                : event.type() + " " + event.cause().text()));
        return guest;
    }

    private int written() {
        return guest.output().length();
    }

    private void awaitMore() throws InterruptedException {
        int before = written();
        await("the guest writes", () -> written() > before);
    }

    private void assertStands() throws InterruptedException {
        int before = written();
        Thread.sleep(20);
        assertEquals(before, written());
    }

    private static void assertRefused(CompletableFuture<?> command) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> done(command));
        assertInstanceOf(IllegalStateException.class, e.getCause());
    }

    @Test
    void shouldStandWhilePausedAndGoOnWhenResumed() throws Exception {
        try (Guest run = guest(CHATTER)) {
            assertEquals(MachineState.CREATED, run.state());
            run.start();
            for (int i = 0; i < 3; i++) {
                awaitMore();
                assertEquals(MachineState.RUNNING, run.state());
                run.pause();
                assertEquals(MachineState.PAUSED, run.state());
                assertStands();
                run.resume();
            }
            assertEquals(0, run.quit().status());
            assertEquals(MachineState.SHUT_DOWN, run.state());
            assertEquals(List.of("STOP", "RESUME", "STOP", "RESUME", "STOP", "RESUME", "SHUTDOWN host-qmp-quit"),
                    events);
        }
    }

    @Test
    void shouldDoNothingWhenPausedOrResumedTwice() throws Exception {
        try (Guest run = guest(CHATTER).start()) {
            run.resume();
            run.pause();
            run.pause();
            assertEquals(List.of("STOP"), events);
            run.resume();
            awaitMore();
        }
    }

    @Test
    void shouldExecuteNothingUntilResumedWhenPausedBeforeItRuns() throws Exception {
        try (Guest run = guest(CHATTER)) {
            CompletableFuture<Void> pause = run.machine().pause();
            run.start();
            done(pause);
            assertStands();
            assertEquals(0, written());
            run.resume();
            awaitMore();
        }
    }

    @Test
    void shouldEndWithoutARunWhenQuitBefore() throws Exception {
        try (Guest run = guest(CHATTER)) {
            run.machine().quit(ShutdownCause.HOST_SIGNAL);
            assertEquals(0, run.start().awaitEnd().status());
            assertEquals(0, written());
            assertEquals(List.of("SHUTDOWN host-signal"), events);
        }
    }

    @Test
    void shouldTellWhyTheGuestEnded() throws Exception {
        try (Guest run = guest(POWER_OFF).start()) {
            run.awaitEnd();
            assertEquals(List.of("SHUTDOWN guest-shutdown"), events);
        }
        try (Guest run = guest(EXIT).start()) {
            assertEquals(5 << 1 | 1, run.awaitEnd().status());
            assertEquals(List.of("SHUTDOWN guest-shutdown"), events);
        }
        try (Guest run = guest(RESET, MachineConfig.Builder::noReboot).start()) {
            run.awaitEnd();
            assertEquals(List.of("SHUTDOWN guest-reset"), events);
        }
    }

    @Test
    void shouldTellEachResetOfTheGuest() throws Exception {
        try (Guest run = guest(WRITE_A + RESET).start()) {
            await("three resets", () -> events.size() >= 3);
            assertEquals(Set.of("RESET guest-reset"), Set.copyOf(events));
            assertEquals(MachineState.RUNNING, run.state());
        }
        assertTrue(written() >= 3);
    }

    @Test
    void shouldStandAfterPowerOffUnderNoShutdownUntilResetAndResumed() throws Exception {
        try (Guest run = guest(WRITE_A + POWER_OFF, MachineConfig.Builder::noShutdown).start()) {
            await("the power-off", () -> events.size() == 2);
            assertEquals(List.of("SHUTDOWN guest-shutdown", "STOP"), events);
            assertEquals(MachineState.SHUT_DOWN, run.state());
            assertRefused(run.machine().resume());
            run.reset();
            assertEquals(MachineState.PAUSED, run.state());
            assertEquals("A", guest.output());
            run.resume();
            await("the second power-off", () -> run.state() == MachineState.SHUT_DOWN);
            assertEquals("AA", guest.output());
            run.quit();
            assertEquals(List.of("SHUTDOWN guest-shutdown", "STOP", "RESET host-qmp-system-reset", "RESUME",
                    "SHUTDOWN guest-shutdown", "STOP", "SHUTDOWN host-qmp-quit"), events);
        }
    }

    @Test
    void shouldStayPausedWhenReset() throws Exception {
        try (Guest run = guest(CHATTER).start()) {
            awaitMore();
            run.pause();
            run.reset();
            assertEquals(MachineState.PAUSED, run.state());
            assertStands();
            run.resume();
            awaitMore();
            assertEquals(List.of("STOP", "RESET host-qmp-system-reset", "RESUME"), events);
        }
    }

    @Test
    void shouldEndAtTheUsersResetUnderNoReboot() throws Exception {
        try (Guest run = guest(CHATTER, MachineConfig.Builder::noReboot).start()) {
            awaitMore();
            run.reset();
            assertEquals(0, run.awaitEnd().status());
            assertEquals(List.of("SHUTDOWN host-qmp-system-reset"), events);
        }
    }

    @Test
    void shouldRefuseCommandsAfterTheEnd() throws Exception {
        try (Guest run = guest(POWER_OFF).start()) {
            run.awaitEnd();
            assertRefused(run.machine().pause());
            assertRefused(run.machine().quiesced(() -> "never"));
        }
    }

    @Test
    void shouldRunATaskWhileAllStandsAndGoOn() throws Exception {
        try (Guest run = guest(CHATTER).start()) {
            awaitMore();
            int during = done(run.machine().quiesced(() -> {
                int before = written();
                LockSupport.parkNanos(20_000_000);
                return written() - before;
            }));
            assertEquals(0, during);
            awaitMore();
            assertEquals(List.of(), events);
        }
    }

    @Test
    void shouldHandATasksFailureToItsCallerAndGoOn() throws Exception {
        try (Guest run = guest(CHATTER).start()) {
            ExecutionException e = assertThrows(ExecutionException.class, () -> done(run.machine().quiesced(() -> {
                throw new IllegalArgumentException("for a test");
            })));
            assertEquals("for a test", e.getCause().getMessage());
            awaitMore();
        }
    }

    @Test
    void shouldRunATaskBeforeTheFirstInstruction() throws Exception {
        try (Guest run = guest(CHATTER)) {
            CompletableFuture<Integer> task = run.machine().quiesced(this::written);
            run.start();
            assertEquals(0, done(task));
            awaitMore();
        }
    }

    @Test
    void shouldActOnManyCommandsFromManyThreadsAndStillQuit() throws Exception {
        try (Guest run = guest(CHATTER).start()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int j = 0; j < 25; j++) {
                        run.machine().pause();
                        run.machine().quiesced(() -> null);
                        run.machine().resume().join();
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            run.resume();
            awaitMore();
            assertEquals(0, run.quit().status());
        }
    }

    @Test
    void shouldRefuseCommandsOfAMachineThatIsClosedBeforeItRan() throws Exception {
        Guest run = guest(CHATTER);
        CompletableFuture<Void> earlier = run.machine().pause();
        run.close();
        assertRefused(earlier);
        assertRefused(run.machine().save());
        assertThrows(IllegalStateException.class, run.machine()::run);
    }

    @Test
    void shouldEndWhenClosedByAnotherThreadWhileItRunsOrIsPaused() throws Exception {
        for (boolean isPaused : new boolean[] {false, true}) {
            Guest run = guest(CHATTER).start();
            awaitMore();
            if (isPaused) {
                run.pause();
            }
            run.machine().close();
            assertEquals(0, run.awaitEnd().status());
            assertEquals(MachineState.SHUT_DOWN, run.state());
        }
    }

    @Test
    void shouldRunOnce() throws Exception {
        try (Guest run = guest(CHATTER).start()) {
            awaitMore();
            assertThrows(IllegalStateException.class, run.machine()::run);
            run.quit();
            assertThrows(IllegalStateException.class, run.machine()::run);
        }
    }

    @Test
    void shouldGoOnWhenAListenerThrowsOrClosesTheMachine() throws Exception {
        try (LogRecorder log = new LogRecorder("jkvm.machine"); Guest run = guest(CHATTER)) {
            List<String> heard = new CopyOnWriteArrayList<>();
            run.machine().addListener(_ -> run.machine().close());
            run.machine().addListener(event -> heard.add(event.type().name()));
            run.start();
            run.pause();
            run.resume();
            awaitMore();
            assertEquals(List.of("STOP", "RESUME"), heard);
            assertEquals(0, run.quit().status());
            assertEquals(List.of("a listener fails at STOP", "a listener fails at RESUME",
                    "a listener fails at SHUTDOWN"), log.messages());
        }
    }

    @Test
    void shouldKnowTheAllowedChangesOfState() {
        assertEquals(EnumSet.of(MachineState.RUNNING, MachineState.PAUSED, MachineState.SUSPENDED,
                MachineState.SHUT_DOWN, MachineState.FAILED), after(MachineState.CREATED));
        assertEquals(EnumSet.of(MachineState.PAUSED, MachineState.SUSPENDED, MachineState.SHUT_DOWN,
                MachineState.FAILED), after(MachineState.RUNNING));
        assertEquals(EnumSet.of(MachineState.RUNNING, MachineState.SUSPENDED, MachineState.SHUT_DOWN,
                MachineState.FAILED), after(MachineState.PAUSED));
        assertEquals(EnumSet.of(MachineState.RUNNING, MachineState.PAUSED, MachineState.SHUT_DOWN,
                MachineState.FAILED), after(MachineState.SUSPENDED));
        assertEquals(EnumSet.of(MachineState.PAUSED), after(MachineState.SHUT_DOWN));
        assertEquals(EnumSet.noneOf(MachineState.class), after(MachineState.FAILED));
        assertFalse(MachineState.RUNNING.mayBecome(MachineState.CREATED));
    }

    private static Set<MachineState> after(MachineState state) {
        Set<MachineState> next = EnumSet.noneOf(MachineState.class);
        for (MachineState other : MachineState.values()) {
            if (state.mayBecome(other)) {
                next.add(other);
            }
        }
        return next;
    }

    @Test
    void shouldActOnAGuestsResetBeforeItIsStoppedForAnotherMachine() throws Exception {
        guest(RESET).start();
        MachineMigration migration = guest.machine().migration();
        for (int i = 0; i < 100; i++) {
            RunState before = migration.stop().get(20, TimeUnit.SECONDS);
            assertEquals(RunState.RUNNING, before);
            assertEquals(RunState.FINISH_MIGRATE, guest.machine().runState());
            migration.stay(before).get(20, TimeUnit.SECONDS);
        }
        guest.machine().quit();
        guest.close();
    }
}
