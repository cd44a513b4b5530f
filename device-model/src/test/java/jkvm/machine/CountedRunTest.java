package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import jkvm.device.board.PciPlace;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.guest.GuestImages;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Under {@code -icount} a guest with timer, disk and serial port does the same in each run. */
@Timeout(60)
class CountedRunTest {
    private static final Path GUESTS = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot");
    private static final int DISK_SIZE = 1 << 16, PASSED = 1;
    private static final CountingConfig AWAKE = new CountingConfig(2, false, false);

    @TempDir
    private Path folder;
    private Path disk;

    @BeforeEach
    void makeADisk() throws IOException {
        disk = folder.resolve("disk.raw");
        Files.write(disk, new byte[DISK_SIZE]);
    }

    private MachineConfig guest(CountingConfig counting, boolean compiles) {
        return TestConfigs.machine(16).counting(counting).accelerators(List.of(Accelerator.Kind.SOFT))
                .compiles(compiles).kernel(GUESTS.resolve("counted.bin"))
                .device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL).with(PciPlace.ADDRESS, 5 << 3)
                        .with(VirtioBlockType.DRIVE, TestConfigs.rawDrive("d", disk))).build();
    }

    private MachineConfig guest(CountingConfig counting) {
        return guest(counting, true);
    }

    @Test
    void shouldGiveTheSameMemoryCountAndOutputTwiceTheSecondTimeOnABusyHost() {
        CountedRun quiet = CountedRun.of(guest(AWAKE));
        CountedRun busy = CountedRun.onABusyHost(guest(AWAKE));

        assertEquals(PASSED, quiet.status(), quiet.serial());
        assertEquals(quiet, busy);
    }

    @Test
    void shouldGiveTheSameInterpretedAndCompiledAsleepAndAwake() {
        CountedRun compiled = CountedRun.of(guest(AWAKE));

        assertEquals(compiled, CountedRun.of(guest(AWAKE, false)));
        assertEquals(compiled, CountedRun.of(guest(new CountingConfig(2, true, false))));
        assertEquals(compiled, CountedRun.of(guest(new CountingConfig(2, true, true))));
    }

    /** A boot sector, whose BIOS reads the disk by another thread and halts meanwhile. */
    @Test
    void shouldGiveTheSameTwiceUnderTheBuiltInBios() throws IOException {
        Files.copy(GuestImages.folder("device-model", "src/test/resources/jkvm/bootsector").resolve("state.bin"), disk,
                StandardCopyOption.REPLACE_EXISTING);
        MachineConfig config = TestConfigs.machine(16).counting(AWAKE).accelerators(List.of(Accelerator.Kind.SOFT))
                .device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL)
                        .with(VirtioBlockType.DRIVE, TestConfigs.rawDrive("d", disk))).build();
        CountedRun quiet = CountedRun.of(config);

        assertEquals(PASSED, quiet.status(), quiet.serial());
        assertTrue(quiet.serial().contains("Booting from Hard Disk"), quiet.serial());
        assertEquals(quiet, CountedRun.onABusyHost(config));
    }

    @Test
    void shouldLetTheGuestsClockFollowTheShift() {
        CountedRun fast = CountedRun.of(guest(new CountingConfig(0, false, false)));
        CountedRun slow = CountedRun.of(guest(new CountingConfig(5, false, false)));

        assertNotEquals(fast.serial(), slow.serial());
        assertTrue(slow.count() < fast.count(), fast + "\n" + slow);
    }

    @Test
    void shouldStopAtExactlyTheCountThatIsAskedFor() {
        long[] counts = {1, 1000, 50_001, 123_456};
        List<String> first = statesAt(counts);
        List<String> second = statesAt(counts);

        assertEquals(List.of("1", "1000", "50001", "123456"), first.stream().map(s -> s.split(" ")[0]).toList());
        assertEquals(first, second);
    }

    /** Count and hash of the memory at each count. */
    private List<String> statesAt(long[] counts) {
        List<String> states = new ArrayList<>();
        CountedRun.of(guest(AWAKE), control -> stopAt(counts, 0, control, states));
        return states;
    }

    private static void stopAt(long[] counts, int index, CountedRun.Control control, List<String> states) {
        control.clock().stopAt(counts[index], () -> {
            states.add(control.clock().count() + " " + CountedRun.hash(control.machine().memory()));
            if (index + 1 < counts.length) {
                stopAt(counts, index + 1, control, states);
            } else {
                control.machine().quit();
            }
        });
    }
}
