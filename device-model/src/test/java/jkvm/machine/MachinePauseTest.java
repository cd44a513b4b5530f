package jkvm.machine;

import static jkvm.machine.MachineRun.await;
import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import jkvm.abi.KvmClockData;
import jkvm.device.board.PciPlace;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.guest.GuestImages;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.Syscalls;
import jkvm.machine.board.HostClock;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.RtcConfig;
import jkvm.machine.run.GuestTime;
import jkvm.vm.Kvm;
import jkvm.vm.OnEachKvm;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;
import jkvm.work.VmClock;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pauses machines that have much to do, and asks a guest's system to power off. */
@OnEachKvm
@Timeout(120)
class MachinePauseTest {
    private static final Path GUESTS = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot");
    private static final int DISK_SIZE = 1 << 16, PASSED = 1, REQUESTS = 60;
    private static final long LONG_PAUSE_MILLIS = 80;

    @TempDir
    private Path folder;
    private final FakeChardev serial = new FakeChardev();
    private final Syscalls kvm;

    MachinePauseTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private MachineRun busyGuest(Path disk) {
        MachineConfig config = TestConfigs.machine(16).kernel(GUESTS.resolve("counted.bin"))
                .device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL).with(PciPlace.ADDRESS, 5 << 3)
                        .with(VirtioBlockType.DRIVE, TestConfigs.rawDrive("d", disk))).build();
        return new MachineRun(new MachineBuilder(config, kvm, _ -> serial).build());
    }

    @Test
    void shouldStandWholeAndLoseNothingWhenAGuestWithTimerDiskAndSerialPortIsPausedAgainAndAgain() throws Exception {
        Path disk = Files.write(folder.resolve("disk.raw"), new byte[DISK_SIZE]);
        try (MachineRun run = busyGuest(disk)) {
            run.machine.pause();
            run.start();
            int pauses = 0;
            while (run.machine.state() != MachineState.SHUT_DOWN) {
                run.machine.resume();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(500));
                if (isPaused(run)) {
                    pauses++;
                    assertStands(disk, pauses == 3 ? LONG_PAUSE_MILLIS : 1);
                }
            }
            assertEquals(PASSED, run.exit().status(), serial.text());
            assertTrue(pauses >= 3, "pauses: " + pauses);
            assertRequestsAnswered();
        }
    }

    /** Pauses the machine. */
    private static boolean isPaused(MachineRun run) throws Exception {
        try {
            done(run.machine.pause());
            return true;
        } catch (ExecutionException _) {
            return false;
        }
    }

    private void assertStands(Path disk, long milliseconds) throws IOException, InterruptedException {
        String written = serial.text();
        byte[] stored = Files.readAllBytes(disk);
        Thread.sleep(milliseconds);
        assertEquals(written, serial.text());
        assertArrayEquals(stored, Files.readAllBytes(disk));
    }

    /** Each other line is about a sector that is written, the next one about the same sector read back. */
    private void assertRequestsAnswered() {
        List<String> lines = serial.text().lines().filter(line -> !line.startsWith("PASS")).toList();
        assertEquals(REQUESTS, lines.size(), serial.text());
        for (int i = 0; i < REQUESTS; i += 2) {
            assertEquals(lines.get(i).split(" ")[3], lines.get(i + 1).split(" ")[3], "request " + i);
        }
    }

    @Test
    void shouldLetTheGuestsSystemHearOfThePowerButton() throws Exception {
        MachineConfig config = TestConfigs.machine(16).kernel(GUESTS.resolve("power-button.bin")).build();
        try (MachineRun run = new MachineRun(new MachineBuilder(config, kvm, _ -> serial).build()).start()) {
            await("the guest sleeps", () -> serial.text().contains("ready"));
            done(run.machine.powerButton());
            assertEquals(0, run.exit().status(), serial.text());
            assertEquals(List.of("POWERDOWN", "SHUTDOWN guest-shutdown"), run.events());
        }
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
