package jkvm.machine;

import static jkvm.machine.MachineRun.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import jkvm.abi.KvmClockData;
import jkvm.control.guest.Guest;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.guest.GuestImages;
import jkvm.junit.Boots;
import jkvm.junit.GuestDisk;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.linux.Syscalls;
import jkvm.machine.board.HostClock;
import jkvm.machine.config.RtcConfig;
import jkvm.machine.run.GuestTime;
import jkvm.vm.Kvm;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;
import jkvm.work.VmClock;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pauses machines that have much to do, and asks a guest's system to power off. */
@GuestTest
@Timeout(120)
class MachinePauseTest {
    private static final Path GUESTS = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot");
    private static final int DISK_SIZE = 1 << 16, PASSED = 1, REQUESTS = 60;
    private static final long LONG_PAUSE_MILLIS = 80;

    private final Guests guests;
    private final Syscalls kvm;

    MachinePauseTest(Guests guests, Syscalls kvm) {
        this.guests = guests;
        this.kvm = kvm;
    }

    @Test
    void shouldStandWholeAndLoseNothingWhenAGuestWithTimerDiskAndSerialPortIsPausedAgainAndAgain() throws Exception {
        GuestDisk disk = guests.disk(new byte[DISK_SIZE]);
        Guest guest = guests.build(Guests.machine(16).kernel(GUESTS.resolve("counted.bin"))
                .device(disk.virtio(5, VirtioBlockType.NON_TRANSITIONAL)).build()).startPaused();
        int pauses = 0;
        while (guest.state() != MachineState.SHUT_DOWN) {
            var _ = guest.machine().resume();
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(500));
            if (isPaused(guest)) {
                pauses++;
                assertStands(guest, disk, pauses == 3 ? LONG_PAUSE_MILLIS : 1);
            }
        }
        assertEquals(PASSED, guest.awaitEnd().status(), guest::output);
        assertTrue(pauses >= 3, "pauses: " + pauses);
        assertRequestsAnswered(guest.output());
    }

    /** Pauses the machine. */
    private static boolean isPaused(Guest guest) {
        try {
            guest.pause();
            return true;
        } catch (IllegalStateException _) {
            return false;
        }
    }

    private static void assertStands(Guest guest, GuestDisk disk, long milliseconds) throws InterruptedException {
        String written = guest.output();
        byte[] stored = disk.content();
        Thread.sleep(milliseconds);
        assertEquals(written, guest.output());
        assertArrayEquals(stored, disk.content());
    }

    /** Each other line is about a sector that is written, the next one about the same sector read back. */
    private static void assertRequestsAnswered(String output) {
        List<String> lines = output.lines().filter(line -> !line.startsWith("PASS")).toList();
        assertEquals(REQUESTS, lines.size(), output);
        for (int i = 0; i < REQUESTS; i += 2) {
            assertEquals(lines.get(i).split(" ")[3], lines.get(i + 1).split(" ")[3], "request " + i);
        }
    }

    @Test
    @Boots(kernel = "/jkvm/multiboot/power-button.bin")
    void shouldLetTheGuestsSystemHearOfThePowerButton(Guest guest) {
        List<MachineEvent> events = new CopyOnWriteArrayList<>();
        guest.onEvent(events::add).awaitOutput("ready");
        guest.powerButton();
        assertEquals(0, guest.awaitEnd().status(), guest::output);
        assertEquals(List.of(new MachineEvent(MachineEvent.Type.POWERDOWN, null),
                new MachineEvent(MachineEvent.Type.SHUTDOWN, ShutdownCause.GUEST_SHUTDOWN)), events);
    }

    @Test
    void shouldLetNoTimePassForTheGuestDuringAPause() throws Exception {
        try (Kvm opened = Kvm.open(kvm); Vm vm = opened.createVm()) {
            vm.createIrqchip();
            vm.interrupts().createPit2(0);
            Vcpu vcpu = vm.createVcpu(0);
            GuestTime time = new GuestTime(vm, List.of(vcpu), true);
            long before = vm.clock().clock();
            time.pause();
            Thread.sleep(LONG_PAUSE_MILLIS);
            time.resume();
            KvmClockData after = vm.clock();
            assertTrue(after.clock() >= before, "kvmclock went back");
            assertTrue(after.clock() - before < TimeUnit.MILLISECONDS.toNanos(LONG_PAUSE_MILLIS),
                    "kvmclock went on: " + (after.clock() - before) + " ns");
        }
    }

    @Test
    void shouldStopTheDevicesClockAndItsTimersDuringAPause() throws Exception {
        try (Workers workers = Workers.onThreads()) {
            HostClock clock = new HostClock(Duration.ZERO, RtcConfig.Source.HOST, workers);
            AtomicInteger expired = new AtomicInteger();
            VmClock.Timer timer = clock.newTimer(expired::incrementAndGet);
            clock.start();
            long deadline = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
            timer.arm(deadline);
            workers.pause();
            clock.pause();
            long before = clock.nanoTime();
            Thread.sleep(LONG_PAUSE_MILLIS);
            assertEquals(before, clock.nanoTime());
            int early = expired.get();
            clock.resume();
            workers.resume();
            await("the timer", () -> expired.get() == 1);
            assertTrue(early == 0 || before >= deadline, "the timer expired in the pause");
        }
    }
}
