package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import jkvm.app.options.ErrorText;
import jkvm.boot.BootException;
import jkvm.bus.LogRecorder;
import jkvm.control.guest.Guest;
import jkvm.control.guest.GuestWaitException;
import jkvm.device.board.PciPlace;
import jkvm.device.testdev.PciTestdevType;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.FakeChardev;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.linux.Syscalls;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole machines with guests of a few bytes of real-mode code, loaded at 0x1000. */
@GuestTest
@Timeout(60)
class MachineTest {
    private static final String SPIN = "eb fe";
    private static final String POWER_OFF = "ba 04 06 b8 00 20 ef eb fe";
    /** Protected mode with an empty interrupt table, then an undefined instruction. */
    private static final String TRIPLE_FAULT = "0f 01 1e 00 20 0f 20 c0 0c 01 0f 22 c0 0f 0b";
    private static final String WRITE_A = "b0 41 ba f8 03 ee";

    @TempDir
    private Path folder;
    private final Guests guests;
    private final Syscalls kvm;

    MachineTest(Guests guests, Syscalls kvm) {
        this.guests = guests;
        this.kvm = kvm;
    }

    private static DeviceConfig pciTestdev(int address) {
        return DeviceConfig.of(PciTestdevType.TYPE).with(PciPlace.ADDRESS, address);
    }

    /** The status that a guest ends with. */
    private int run(String code) {
        return run(code, config -> config);
    }

    private int run(String code, UnaryOperator<MachineConfig.Builder> more) {
        return end(guests.code(code, more));
    }

    private static int end(Guest guest) {
        return guest.start().awaitEnd().status();
    }

    @Test
    void shouldEndWithTheStatusThatTheGuestWroteToTheExitPort() throws Exception {
        assertEquals(0x10 << 1 | 1, run("b0 10 e6 f4" + SPIN));
    }

    @Test
    void shouldPassWhatTheGuestWritesToTheSerialPort() throws Exception {
        Guest guest = guests.code(WRITE_A + POWER_OFF);
        end(guest);
        assertEquals("A", guest.output());
    }

    @Test
    void shouldEndWithZeroWhenTheGuestPowersOff() throws Exception {
        assertEquals(0, run(POWER_OFF));
    }

    @Test
    void shouldStandStillAfterPowerOffUnderNoShutdownUntilTheUserQuits() throws Exception {
        Guest guest = guests.code(POWER_OFF, MachineConfig.Builder::noShutdown).start();
        assertThrows(GuestWaitException.class, () -> guest.awaitEnd(Duration.ofMillis(200)));
        assertEquals(0, guest.quit().status());
    }

    @Test
    void shouldResetInPlaceWithFreshImagesAndRegisters() throws Exception {
        // First run: CMOS byte 0x50 is 0; set it, overwrite the first instruction, reset. Second run: it is 1.
        String code = WRITE_A
                + "b0 50 e6 70 e4 71 3c 01 74 0d"          // read CMOS 0x50; if 1, go on at the power-off
                + "b0 01 e6 71"                             // set it
                + "c6 06 00 10 f4"                          // hlt over the first instruction
                + "b0 fe e6 64"                             // reset by the keyboard controller
                + POWER_OFF;
        Guest guest = guests.code(code);
        assertEquals(0, end(guest));
        assertEquals("AA", guest.output());
    }

    @Test
    void shouldEndInsteadOfAResetUnderNoReboot() throws Exception {
        Guest guest = guests.code(WRITE_A + "b0 fe e6 64" + SPIN, MachineConfig.Builder::noReboot);
        assertEquals(0, end(guest));
        assertEquals("A", guest.output());
    }

    @Test
    @DisplayName("under -no-reboot a triple fault ends the machine with 0, as in QEMU, and a report")
    void shouldEndWithAReportOnATripleFaultUnderNoReboot() throws Exception {
        MachineExit exit = guests.code(TRIPLE_FAULT, MachineConfig.Builder::noReboot).start().awaitEnd();
        assertEquals(0, exit.status());
        assertTrue(exit.report().contains("triple fault"), exit.report());
    }

    @Test
    @DisplayName("a triple fault resets the machine, as in QEMU; the first one is reported")
    void shouldResetOnATripleFaultAndReportTheFirst() throws Exception {
        // Counts runs in CMOS byte 0x50. The third powers off.
        String code = WRITE_A
                + "b0 50 e6 70 e4 71 fe c0 e6 71"           // increment CMOS 0x50
                + "3c 03 74 0f"                             // if 3, go on at the power-off
                + TRIPLE_FAULT
                + POWER_OFF;
        Guest guest = guests.code(code);
        try (LogRecorder log = new LogRecorder("jkvm.machine")) {
            assertEquals(0, end(guest));
            assertEquals(1, log.messages().size(), log.messages()::toString);
            assertTrue(log.messages().getFirst().contains("triple fault"), log.messages().getFirst());
        }
        assertEquals("AAA", guest.output());
    }

    @Test
    @DisplayName("closing a machine whose guest spins stops it; closing twice and quitting late do no harm")
    void shouldCloseWhileTheGuestSpins() throws Exception {
        Guest guest = guests.code(SPIN).start();
        Thread.sleep(Duration.ofMillis(50));
        assertEquals(0, guest.quit().status());
        guest.machine().close();
        guest.machine().close();
        guest.machine().quit();
    }

    @Test
    @DisplayName("a quit that comes during resets wins")
    void shouldQuitWhileTheGuestResetsAgainAndAgain() throws Exception {
        Guest guest = guests.code("b0 fe e6 64" + SPIN).start();
        Thread.sleep(Duration.ofMillis(100));
        assertEquals(0, guest.quit().status());
    }

    @Test
    void shouldLoadAnElfFileAsFlatImageOnlyIfAsked() throws Exception {
        Path image = Files.write(folder.resolve("elf"), new byte[] {0x7f, 'E', 'L', 'F'});
        MachineException e = assertThrows(MachineException.class,
                () -> guests.start(TestConfigs.machine(2).loader(TestConfigs.start(image, 0x1000))));
        assertEquals(MachineException.Kind.LOADER_OF_ELF, e.kind());
        assertEquals("image " + e.subject() + ": it is an ELF file, not a flat image", e.getMessage());
        assertEquals("-device loader: " + e.subject() + " is an ELF file, not a flat image; boot it with -kernel,"
                + " or add force-raw=on to load the file as it is", ErrorText.of(e).orElseThrow());
        guests.code(POWER_OFF, config -> config.loader(new BootConfig.Loader(Optional.of(image),
                OptionalLong.of(0x2000), OptionalInt.empty(), true)));
    }

    @Test
    void shouldOpenNoHostSideWhenTheImageIsRefused() {
        MachineConfig config = TestConfigs.machine(16).kernel(folder.resolve("absent")).build();
        List<String> opened = new ArrayList<>();
        assertThrows(BootException.class, () -> build(config, opened));
        assertEquals(List.of(), opened);
    }

    /** @param opened gets the labels of the host sides that the machine opens */
    private Machine build(MachineConfig config, List<String> opened) {
        return new MachineBuilder(config, kvm, spec -> {
            opened.add(spec.label());
            return new FakeChardev();
        }).build();
    }

    @Test
    void shouldOpenChardevsThatNoDeviceUsesToo() {
        ChardevSpec unused = ChardevSpec.unconnected("a");
        ChardevSpec used = ChardevSpec.unconnected("b");
        List<String> opened = new ArrayList<>();
        build(TestConfigs.machine(2).chardevs(List.of(unused, used)).serial(used).entry(0x1000).build(), opened)
                .close();
        assertEquals(List.of("serial0", "b", "a"), opened);
    }

    @Test
    void shouldRefuseAPciFunctionThatNoGuestLooksFor() throws Exception {
        MachineException e = assertThrows(MachineException.class, () -> guests.code(POWER_OFF,
                config -> config.device(pciTestdev(6 << 3)).device(pciTestdev(5 << 3 | 1))));
        assertEquals(MachineException.Kind.HIDDEN_PCI_FUNCTION, e.kind());
        assertEquals("PCI slot 5: guests find function N only if the slot has a function 0", e.getMessage());
        assertTrue(ErrorText.of(e).orElseThrow().endsWith("put a device at addr=5.0"));
        guests.code(POWER_OFF, config -> config.device(pciTestdev(5 << 3 | 1)).device(pciTestdev(5 << 3)));
    }

    /** The guest writes to the last byte of RAM, reads it back, and takes it from the byte after it. */
    @Test
    void shouldHaveNoMemoryAboveALittle() {
        Guest guest = guests.code("b8ff1f 8ed8 c6060f005a 8a1e0f00 b80020 8ed8 a00000 28d8 e6f4",
                config -> config.memory(128 << 10));
        assertEquals((0xff - 0x5a) << 1 | 1, guest.start().awaitEnd().status());
    }

    @Test
    void shouldNameTheDeviceThatAnotherOneIsToLieOn() {
        MachineException e = assertThrows(MachineException.class, () -> guests.code(POWER_OFF,
                config -> config.device(pciTestdev(5 << 3)).device(pciTestdev(5 << 3))));
        assertEquals("-device pci-testdev: PCI 05.0 has pci-testdev; choose another addr=",
                ErrorText.of(e).orElseThrow());
    }

    @Test
    void shouldSayWhatToGiveWhenThereIsNothingToBoot() {
        MachineException e = assertThrows(MachineException.class, () ->
                guests.start(TestConfigs.machine(16).type(MachineType.MICROVM)));
        assertEquals(MachineException.Kind.NOTHING_TO_BOOT, e.kind());
        assertTrue(ErrorText.of(e).orElseThrow().startsWith("nothing to boot: give -kernel FILE"));
    }

    @Test
    void shouldRefuseUnknownFeaturesAndRunWithoutAbsentOnes() throws Exception {
        assertThrows(MachineException.class, () -> guests.code(POWER_OFF, config ->
                config.cpu(new CpuConfig("host", Map.of("nonsense", true)))));
        assertEquals(0, run(POWER_OFF, config ->
                config.cpu(new CpuConfig("host", Map.of("avx2", false, "ia64", true)))));
    }
}
