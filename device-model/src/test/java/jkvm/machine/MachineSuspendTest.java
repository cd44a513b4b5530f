package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import jkvm.control.guest.Guest;
import jkvm.guest.GuestImages;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.snapshot.MachineSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Suspends a guest to RAM, and wakes it. */
@GuestTest
@Timeout(60)
class MachineSuspendTest {
    private static final Path GUEST = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot")
            .resolve("suspend.bin");
    private static final int PASSED = 1;

    private final Guests guests;
    private final List<MachineEvent.Type> events = new CopyOnWriteArrayList<>();
    private final CountDownLatch suspended = new CountDownLatch(1);

    MachineSuspendTest(Guests guests) {
        this.guests = guests;
    }

    private Guest build(String commandLine) {
        return guests.build(Guests.machine(16).kernel(GUEST).commandLine(commandLine).build()).onEvent(event -> {
            events.add(event.type());
            if (event.type() == MachineEvent.Type.SUSPEND) {
                suspended.countDown();
            }
        });
    }

    private Guest suspend() throws InterruptedException {
        Guest guest = build("w").start();
        suspended.await();
        assertEquals(RunState.SUSPENDED, guest.machine().runState());
        return guest;
    }

    private void assertWoken(Guest guest, String found) {
        assertEquals(PASSED, guest.awaitEnd().status(), guest::output);
        assertTrue(guest.output().endsWith("sleeping\nwoken" + found), guest::output);
        assertEquals(List.of(MachineEvent.Type.SUSPEND, MachineEvent.Type.WAKEUP, MachineEvent.Type.SHUTDOWN), events);
    }

    @ParameterizedTest
    @ValueSource(strings = {"button", "key", "command"})
    void shouldWakeAGuestWithItsMemoryAsItWas(String waker) throws Exception {
        Guest guest = suspend();
        switch (waker) {
            case "button" -> {
                guest.powerButton();
                events.remove(MachineEvent.Type.POWERDOWN);
            }
            case "key" -> guest.press("a");
            default -> guest.machine().wakeUp().join();
        }
        assertWoken(guest, "BK");
    }

    @Test
    void shouldWakeAGuestByItsAlarm() {
        assertWoken(build("r").start(), "CK");
    }

    @Test
    void shouldSuspendAMachineThatGetsTheStateOfOneThatIs() throws Exception {
        // given
        Guest first = suspend();
        MachineSnapshot snapshot = first.machine().save().join();
        assertEquals(RunState.SUSPENDED, first.machine().runState());
        events.clear();
        // when
        Guest second = build("w");
        var loaded = second.machine().load(snapshot);
        second.start();
        loaded.join();
        second.powerButton();
        // then
        assertEquals(PASSED, second.awaitEnd().status());
        assertEquals("wokenBK", second.output());
        first.quit();
    }

    @Test
    void shouldNeitherPauseNorResumeAGuestThatIsSuspendedAndPauseItAtAReset() throws Exception {
        Guest guest = suspend();
        guest.pause();
        guest.resume();
        assertEquals(RunState.SUSPENDED, guest.machine().runState());
        guest.reset();
        assertEquals(RunState.PRELAUNCH, guest.machine().runState());
        guest.quit();
        assertEquals(List.of(MachineEvent.Type.SUSPEND, MachineEvent.Type.RESET, MachineEvent.Type.SHUTDOWN), events);
    }

    @Test
    void shouldRefuseToWakeAGuestThatIsAwake() {
        Guest guest = build("w").startPaused();
        CompletionException refusal = assertThrows(CompletionException.class, () -> guest.machine().wakeUp().join());
        assertEquals("Unable to wake up: guest is not in suspended state", refusal.getCause().getMessage());
        guest.quit();
    }
}
