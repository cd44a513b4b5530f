package jkvm.machine;

import static jkvm.machine.MachineRun.await;
import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import jkvm.bus.LogRecorder;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.Syscalls;
import jkvm.machine.config.MachineConfig;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** States, commands and events of a machine whose guest is a few bytes of real-mode code at 0x1000. */
@OnEachKvm
@Timeout(60)
class MachineLifecycleTest {
    /** Writes A to the serial port again and again. */
    private static final String CHATTER = "b0 41 ba f8 03 ee eb fd";
    private static final String WRITE_A = "b0 41 ba f8 03 ee";
    private static final String POWER_OFF = "ba 04 06 b8 00 20 ef eb fe";
    private static final String RESET = "b0 fe e6 64 eb fe";
    private static final String EXIT = "b0 05 e6 f4 eb fe";

    @TempDir
    private Path folder;
    private final FakeChardev serial = new FakeChardev();
    private final Syscalls kvm;

    MachineLifecycleTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private MachineRun machine(String code) throws IOException {
        return machine(code, config -> config);
    }

    private MachineRun machine(String code, UnaryOperator<MachineConfig.Builder> more) throws IOException {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(code.replace(" ", "")));
        MachineConfig config = more.apply(TestConfigs.machine(2).loader(TestConfigs.start(image, 0x1000))).build();
        return new MachineRun(new MachineBuilder(config, kvm, _ -> serial).build());
    }

    private int written() {
        return serial.text().length();
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
        try (MachineRun run = machine(CHATTER)) {
            assertEquals(MachineState.CREATED, run.machine.state());
            run.start();
            for (int i = 0; i < 3; i++) {
                awaitMore();
                assertEquals(MachineState.RUNNING, run.machine.state());
                done(run.machine.pause());
                assertEquals(MachineState.PAUSED, run.machine.state());
                assertStands();
                done(run.machine.resume());
            }
            assertEquals(0, run.quit().status());
            assertEquals(MachineState.SHUT_DOWN, run.machine.state());
            assertEquals(List.of("STOP", "RESUME", "STOP", "RESUME", "STOP", "RESUME", "SHUTDOWN host-qmp-quit"),
                    run.events());
        }
    }

    @Test
    void shouldDoNothingWhenPausedOrResumedTwice() throws Exception {
        try (MachineRun run = machine(CHATTER).start()) {
            done(run.machine.resume());
            done(run.machine.pause());
            done(run.machine.pause());
            assertEquals(List.of("STOP"), run.events());
            done(run.machine.resume());
            awaitMore();
        }
    }

    @Test
    void shouldExecuteNothingUntilResumedWhenPausedBeforeItRuns() throws Exception {
        try (MachineRun run = machine(CHATTER)) {
            CompletableFuture<Void> pause = run.machine.pause();
            run.start();
            done(pause);
            assertStands();
            assertEquals(0, written());
            done(run.machine.resume());
            awaitMore();
        }
    }

    @Test
    void shouldEndWithoutARunWhenQuitBefore() throws Exception {
        try (MachineRun run = machine(CHATTER)) {
            run.machine.quit(ShutdownCause.HOST_SIGNAL);
            assertEquals(0, run.start().exit().status());
            assertEquals(0, written());
            assertEquals(List.of("SHUTDOWN host-signal"), run.events());
        }
    }

    @Test
    void shouldTellWhyTheGuestEnded() throws Exception {
        try (MachineRun run = machine(POWER_OFF).start()) {
            run.exit();
            assertEquals(List.of("SHUTDOWN guest-shutdown"), run.events());
        }
        try (MachineRun run = machine(EXIT).start()) {
            assertEquals(5 << 1 | 1, run.exit().status());
            assertEquals(List.of("SHUTDOWN guest-shutdown"), run.events());
        }
        try (MachineRun run = machine(RESET, MachineConfig.Builder::noReboot).start()) {
            run.exit();
            assertEquals(List.of("SHUTDOWN guest-reset"), run.events());
        }
    }

    @Test
    void shouldTellEachResetOfTheGuest() throws Exception {
        try (MachineRun run = machine(WRITE_A + RESET).start()) {
            await("three resets", () -> run.events().size() >= 3);
            assertEquals(Set.of("RESET guest-reset"), Set.copyOf(run.events()));
            assertEquals(MachineState.RUNNING, run.machine.state());
        }
        assertTrue(written() >= 3);
    }

    @Test
    void shouldStandAfterPowerOffUnderNoShutdownUntilResetAndResumed() throws Exception {
        try (MachineRun run = machine(WRITE_A + POWER_OFF, MachineConfig.Builder::noShutdown).start()) {
            await("the power-off", () -> run.events().size() == 2);
            assertEquals(List.of("SHUTDOWN guest-shutdown", "STOP"), run.events());
            assertEquals(MachineState.SHUT_DOWN, run.machine.state());
            assertRefused(run.machine.resume());
            done(run.machine.reset());
            assertEquals(MachineState.PAUSED, run.machine.state());
            assertEquals("A", serial.text());
            done(run.machine.resume());
            await("the second power-off", () -> run.machine.state() == MachineState.SHUT_DOWN);
            assertEquals("AA", serial.text());
            run.quit();
            assertEquals(List.of("SHUTDOWN guest-shutdown", "STOP", "RESET host-qmp-system-reset", "RESUME",
                    "SHUTDOWN guest-shutdown", "STOP", "SHUTDOWN host-qmp-quit"), run.events());
        }
    }

    @Test
    void shouldStayPausedWhenReset() throws Exception {
        try (MachineRun run = machine(CHATTER).start()) {
            awaitMore();
            done(run.machine.pause());
            done(run.machine.reset());
            assertEquals(MachineState.PAUSED, run.machine.state());
            assertStands();
            done(run.machine.resume());
            awaitMore();
            assertEquals(List.of("STOP", "RESET host-qmp-system-reset", "RESUME"), run.events());
        }
    }

    @Test
    void shouldEndAtTheUsersResetUnderNoReboot() throws Exception {
        try (MachineRun run = machine(CHATTER, MachineConfig.Builder::noReboot).start()) {
            awaitMore();
            done(run.machine.reset());
            assertEquals(0, run.exit().status());
            assertEquals(List.of("SHUTDOWN host-qmp-system-reset"), run.events());
        }
    }

    @Test
    void shouldRefuseCommandsAfterTheEnd() throws Exception {
        try (MachineRun run = machine(POWER_OFF).start()) {
            run.exit();
            assertRefused(run.machine.pause());
            assertRefused(run.machine.quiesced(() -> "never"));
        }
    }

    @Test
    void shouldRunATaskWhileAllStandsAndGoOn() throws Exception {
        try (MachineRun run = machine(CHATTER).start()) {
            awaitMore();
            int during = done(run.machine.quiesced(() -> {
                int before = written();
                LockSupport.parkNanos(20_000_000);
                return written() - before;
            }));
            assertEquals(0, during);
            awaitMore();
            assertEquals(List.of(), run.events());
        }
    }

    @Test
    void shouldHandATasksFailureToItsCallerAndGoOn() throws Exception {
        try (MachineRun run = machine(CHATTER).start()) {
            ExecutionException e = assertThrows(ExecutionException.class, () -> done(run.machine.quiesced(() -> {
                throw new IllegalArgumentException("for a test");
            })));
            assertEquals("for a test", e.getCause().getMessage());
            awaitMore();
        }
    }

    @Test
    void shouldRunATaskBeforeTheFirstInstruction() throws Exception {
        try (MachineRun run = machine(CHATTER)) {
            CompletableFuture<Integer> task = run.machine.quiesced(this::written);
            run.start();
            assertEquals(0, done(task));
            awaitMore();
        }
    }

    @Test
    void shouldActOnManyCommandsFromManyThreadsAndStillQuit() throws Exception {
        try (MachineRun run = machine(CHATTER).start()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int j = 0; j < 25; j++) {
                        run.machine.pause();
                        run.machine.quiesced(() -> null);
                        run.machine.resume().join();
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            done(run.machine.resume());
            awaitMore();
            assertEquals(0, run.quit().status());
        }
    }

    @Test
    void shouldRefuseCommandsOfAMachineThatIsClosedBeforeItRan() throws Exception {
        MachineRun run = machine(CHATTER);
        CompletableFuture<Void> earlier = run.machine.pause();
        run.close();
        assertRefused(earlier);
        assertRefused(run.machine.save());
        assertThrows(IllegalStateException.class, run.machine::run);
    }

    @Test
    void shouldEndWhenClosedByAnotherThreadWhileItRunsOrIsPaused() throws Exception {
        for (boolean isPaused : new boolean[] {false, true}) {
            MachineRun run = machine(CHATTER).start();
            awaitMore();
            if (isPaused) {
                done(run.machine.pause());
            }
            run.machine.close();
            assertEquals(0, run.exit().status());
            assertEquals(MachineState.SHUT_DOWN, run.machine.state());
        }
    }

    @Test
    void shouldRunOnce() throws Exception {
        try (MachineRun run = machine(CHATTER).start()) {
            awaitMore();
            assertThrows(IllegalStateException.class, run.machine::run);
            run.quit();
            assertThrows(IllegalStateException.class, run.machine::run);
        }
    }

    @Test
    void shouldGoOnWhenAListenerThrowsOrClosesTheMachine() throws Exception {
        try (LogRecorder log = new LogRecorder("jkvm.machine"); MachineRun run = machine(CHATTER)) {
            List<String> heard = new CopyOnWriteArrayList<>();
            run.machine.addListener(_ -> run.machine.close());
            run.machine.addListener(event -> heard.add(event.type().name()));
            run.start();
            done(run.machine.pause());
            done(run.machine.resume());
            awaitMore();
            assertEquals(List.of("STOP", "RESUME"), heard);
            assertEquals(0, run.quit().status());
            assertEquals(List.of("a listener fails at STOP", "a listener fails at RESUME",
                    "a listener fails at SHUTDOWN"), log.messages());
        }
    }

    @Test
    void shouldKnowTheAllowedChangesOfState() {
        assertEquals(EnumSet.of(MachineState.RUNNING, MachineState.PAUSED, MachineState.SHUT_DOWN),
                after(MachineState.CREATED));
        assertEquals(EnumSet.of(MachineState.PAUSED, MachineState.SHUT_DOWN, MachineState.FAILED),
                after(MachineState.RUNNING));
        assertEquals(EnumSet.of(MachineState.RUNNING, MachineState.SHUT_DOWN, MachineState.FAILED),
                after(MachineState.PAUSED));
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
}
