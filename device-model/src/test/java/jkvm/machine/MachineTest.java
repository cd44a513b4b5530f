package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import jkvm.app.options.ErrorText;
import jkvm.boot.BootException;
import jkvm.bus.LogRecorder;
import jkvm.device.board.PciPlace;
import jkvm.device.testdev.PciTestdevType;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.Syscalls;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineException;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole machines with guests of a few bytes of real-mode code, loaded at 0x1000. */
@OnEachKvm
@Timeout(60)
class MachineTest {
    private static final String SPIN = "eb fe";
    private static final String POWER_OFF = "ba 04 06 b8 00 20 ef eb fe";
    /** Protected mode with an empty interrupt table, then an undefined instruction. */
    private static final String TRIPLE_FAULT = "0f 01 1e 00 20 0f 20 c0 0c 01 0f 22 c0 0f 0b";
    private static final String WRITE_A = "b0 41 ba f8 03 ee";

    @TempDir
    private Path folder;
    private final FakeChardev serial = new FakeChardev();
    private final List<ChardevSpec> opened = new ArrayList<>();

    private final Syscalls kvm;

    MachineTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private Machine machine(String code) throws Exception {
        return machine(code, config -> config);
    }

    private Machine machine(String code, UnaryOperator<MachineConfig.Builder> more) throws Exception {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(code.replace(" ", "")));
        MachineConfig.Builder config = TestConfigs.machine(2).loader(TestConfigs.start(image, 0x1000));
        return new MachineBuilder(more.apply(config).build(), kvm, spec -> {
            opened.add(spec);
            return serial;
        }).build();
    }

    private static DeviceConfig pciTestdev(int address) {
        return DeviceConfig.of(PciTestdevType.TYPE).with(PciPlace.ADDRESS, address);
    }

    private static int statusOf(Machine machine) {
        try (machine) {
            return machine.run().status();
        }
    }

    @Test
    void shouldEndWithTheStatusThatTheGuestWroteToTheExitPort() throws Exception {
        assertEquals(0x10 << 1 | 1, statusOf(machine("b0 10 e6 f4" + SPIN)));
    }

    @Test
    void shouldPassWhatTheGuestWritesToTheSerialPort() throws Exception {
        statusOf(machine(WRITE_A + POWER_OFF));
        assertEquals("A", serial.text());
    }

    @Test
    void shouldEndWithZeroWhenTheGuestPowersOff() throws Exception {
        assertEquals(0, statusOf(machine(POWER_OFF)));
    }

    @Test
    void shouldStandStillAfterPowerOffUnderNoShutdownUntilTheUserQuits() throws Exception {
        try (Machine machine = machine(POWER_OFF, MachineConfig.Builder::noShutdown)) {
            CompletableFuture<MachineExit> exit = CompletableFuture.supplyAsync(machine::run);
            assertThrows(java.util.concurrent.TimeoutException.class, () -> exit.get(200, TimeUnit.MILLISECONDS));
            machine.quit();
            assertEquals(0, exit.get(10, TimeUnit.SECONDS).status());
        }
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
        assertEquals(0, statusOf(machine(code)));
        assertEquals("AA", serial.text());
    }

    @Test
    void shouldEndInsteadOfAResetUnderNoReboot() throws Exception {
        assertEquals(0, statusOf(machine(WRITE_A + "b0 fe e6 64" + SPIN, MachineConfig.Builder::noReboot)));
        assertEquals("A", serial.text());
    }

    @Test
    @DisplayName("under -no-reboot a triple fault ends the machine with 0, as in QEMU, and a report")
    void shouldEndWithAReportOnATripleFaultUnderNoReboot() throws Exception {
        try (Machine machine = machine(TRIPLE_FAULT, MachineConfig.Builder::noReboot)) {
            MachineExit exit = machine.run();
            assertEquals(0, exit.status());
            assertTrue(exit.report().contains("triple fault"), exit.report());
        }
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
        try (LogRecorder log = new LogRecorder("jkvm.machine")) {
            assertEquals(0, statusOf(machine(code)));
            assertEquals(1, log.messages().size(), log.messages()::toString);
            assertTrue(log.messages().getFirst().contains("triple fault"), log.messages().getFirst());
        }
        assertEquals("AAA", serial.text());
    }

    @Test
    @DisplayName("closing a machine whose guest spins stops it; closing twice and quitting late do no harm")
    void shouldCloseWhileTheGuestSpins() throws Exception {
        Machine machine = machine(SPIN);
        CompletableFuture<MachineExit> exit = CompletableFuture.supplyAsync(machine::run);
        Thread.sleep(Duration.ofMillis(50));
        machine.quit();
        assertEquals(0, exit.get(10, TimeUnit.SECONDS).status());
        machine.close();
        machine.close();
        machine.quit();
    }

    @Test
    @DisplayName("a quit that comes during resets wins")
    void shouldQuitWhileTheGuestResetsAgainAndAgain() throws Exception {
        try (Machine machine = machine("b0 fe e6 64" + SPIN)) {
            CompletableFuture<MachineExit> exit = CompletableFuture.supplyAsync(machine::run);
            Thread.sleep(Duration.ofMillis(100));
            machine.quit();
            assertEquals(0, exit.get(10, TimeUnit.SECONDS).status());
        }
    }

    @Test
    void shouldLoadAnElfFileAsFlatImageOnlyIfAsked() throws Exception {
        String elf = "7f 45 4c 46";
        MachineException e = assertThrows(MachineException.class, () -> machine(elf));
        assertEquals(MachineException.Kind.LOADER_OF_ELF, e.kind());
        assertEquals("image " + e.subject() + ": it is an ELF file, not a flat image", e.getMessage());
        assertEquals("-device loader: " + e.subject() + " is an ELF file, not a flat image; boot it with -kernel,"
                + " or add force-raw=on to load the file as it is", ErrorText.of(e).orElseThrow());
        Path image = Files.write(folder.resolve("elf"), HexFormat.of().parseHex(elf.replace(" ", "")));
        machine(POWER_OFF, config -> config.loader(new BootConfig.Loader(Optional.of(image), OptionalLong.of(0x2000),
                OptionalInt.empty(), true))).close();
    }

    @Test
    void shouldOpenNoHostSideWhenTheImageIsRefused() {
        MachineConfig config = TestConfigs.machine(16).kernel(folder.resolve("absent")).build();
        MachineBuilder builder = new MachineBuilder(config, kvm, spec -> {
            opened.add(spec);
            return serial;
        });
        assertThrows(BootException.class, builder::build);
        assertEquals(List.of(), opened);
    }

    @Test
    void shouldOpenChardevsThatNoDeviceUsesToo() throws Exception {
        ChardevSpec unused = ChardevSpec.unconnected("a");
        ChardevSpec used = ChardevSpec.unconnected("b");
        machine(POWER_OFF, config -> config.chardevs(List.of(unused, used)).serial(used)).close();
        assertEquals(List.of("serial0", "b", "a"), opened.stream().map(ChardevSpec::label).toList());
    }

    @Test
    void shouldRefuseAPciFunctionThatNoGuestLooksFor() throws Exception {
        MachineException e = assertThrows(MachineException.class, () -> machine(POWER_OFF,
                config -> config.device(pciTestdev(6 << 3)).device(pciTestdev(5 << 3 | 1))));
        assertEquals(MachineException.Kind.HIDDEN_PCI_FUNCTION, e.kind());
        assertEquals("PCI slot 5: guests find function N only if the slot has a function 0", e.getMessage());
        assertTrue(ErrorText.of(e).orElseThrow().endsWith("put a device at addr=5.0"));
        machine(POWER_OFF, config -> config.device(pciTestdev(5 << 3 | 1)).device(pciTestdev(5 << 3))).close();
    }

    @Test
    void shouldNameTheDeviceThatAnotherOneIsToLieOn() {
        MachineException e = assertThrows(MachineException.class, () -> machine(POWER_OFF,
                config -> config.device(pciTestdev(5 << 3)).device(pciTestdev(5 << 3))));
        assertEquals("-device pci-testdev: PCI 05.0 has pci-testdev; choose another addr=",
                ErrorText.of(e).orElseThrow());
    }

    @Test
    void shouldSayWhatToGiveWhenThereIsNothingToBoot() {
        MachineBuilder builder = new MachineBuilder(TestConfigs.machine(16).build(), kvm, spec -> serial);
        MachineException e = assertThrows(MachineException.class, builder::build);
        assertEquals(MachineException.Kind.NOTHING_TO_BOOT, e.kind());
        assertTrue(ErrorText.of(e).orElseThrow().startsWith("nothing to boot: give -kernel FILE"));
    }

    @Test
    void shouldRefuseUnknownFeaturesAndRunWithoutAbsentOnes() throws Exception {
        assertThrows(MachineException.class, () -> machine(POWER_OFF, config ->
                config.cpu(new CpuConfig("host", Map.of("nonsense", true)))));
        assertEquals(0, statusOf(machine(POWER_OFF, config ->
                config.cpu(new CpuConfig("host", Map.of("avx2", false, "ia64", true))))));
    }
}
