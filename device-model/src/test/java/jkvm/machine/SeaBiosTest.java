package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import jkvm.chardev.ChardevSpec;
import jkvm.chardev.FakeChardev;
import jkvm.cli.QemuOptions;
import jkvm.linux.FfmSyscalls;
import jkvm.vm.RequiresKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's SeaBIOS, unmodified, as it tells of itself at debug port 0x402. */
@RequiresKvm
@Timeout(180)
class SeaBiosTest {
    private static final Path ROM = Path.of("/usr/share/seabios/bios-256k.bin");
    /** The smallest that SeaBIOS knows. */
    private static final int FLOPPY_SIZE = 160 << 10;
    private static final int SECTOR = 512;
    private static final int STATUS = 0x2A;
    private static final long POLL_MILLIS = 20;
    private static final Duration POST = Duration.ofSeconds(120);

    @TempDir
    private Path folder;
    private final FakeChardev serial = new FakeChardev();
    private final FakeChardev debug = new FakeChardev();

    @BeforeEach
    void requireFirmware() {
        assumeTrue(Files.exists(ROM), "Debian's package seabios is not installed");
    }

    private FakeChardev open(ChardevSpec spec) {
        return spec.backend() instanceof ChardevSpec.Null ? debug : serial;
    }

    /** Runs to the end of POST, when SeaBIOS has found nothing to boot. */
    private String post(String... options) throws Exception {
        List<String> line = new ArrayList<>(List.of("-bios", "bios-256k.bin", "-nodefaults", "-display", "none",
                "-serial", "stdio", "-chardev", "null,id=debug", "-device", "isa-debugcon,iobase=0x402,chardev=debug"));
        line.addAll(List.of(options));
        try (Machine machine = new MachineBuilder(QemuOptions.parse(line), new FfmSyscalls(), this::open).build()) {
            CompletableFuture<MachineExit> exit = CompletableFuture.supplyAsync(machine::run);
            long end = System.nanoTime() + POST.toNanos();
            while (!debug.text().contains("No bootable device.") && !exit.isDone() && System.nanoTime() < end) {
                Thread.sleep(POLL_MILLIS);
            }
            assertFalse(exit.isDone(), () -> debug.text() + exit.join().report());
            machine.quit();
            exit.get(10, TimeUnit.SECONDS);
        }
        return debug.text();
    }

    @Test
    void shouldGetThroughPostToNothingToBoot() throws Exception {
        String log = post("-smp", "2", "-m", "64", "-device", "pci-testdev", "-boot", "menu=off,reboot-timeout=-1");
        assertAll(() -> has(log, "SeaBIOS (version "), () -> has(log, "QEMU fw_cfg DMA interface supported"),
                () -> has(log, "qemu/e820: addr 0x0000000000000000 len 0x0000000004000000 [RAM]"),
                () -> has(log, "Found 4 PCI devices (max PCI bus is 00)"), () -> has(log, "id=8086:1237"),
                () -> has(log, "id=8086:7113"), () -> has(log, "id=1b36:0005"),
                () -> has(log, "Found 2 cpu(s) max supported 2 cpu(s)"), () -> has(log, "Copying SMBIOS from"),
                () -> has(log, "ACPI: parse DSDT at"), () -> has(log, "PS2 keyboard initialized"),
                () -> has(log, "No bootable device."), () -> assertFalse(log.contains("WARNING"), log),
                () -> assertFalse(log.contains("Internal error"), log));
        has(serial.text(), "No bootable device.");
    }

    /**
     * A floppy disk, which SeaBIOS takes out of fw_cfg: a boot sector that resets the machine if CMOS byte 0x50 is 0,
     * else reads the second sector through INT 13h and ends with the status that it finds there.
     */
    private Path floppy() throws Exception {
        String code = "31c0 8ec0 8ed8"
                + "b050 e670 e471 3c01 740a"                // read CMOS 0x50; if 1, go on behind the reset
                + "b001 e671 b0fe e664 ebfe"                // set it, reset by the keyboard controller
                + "b80102 b90200 31d2 bb007e cd13 7205"     // sector 2 to 0x7E00, or spin
                + "a0007e e6f4 ebfe";
        byte[] image = new byte[FLOPPY_SIZE];
        byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
        System.arraycopy(bytes, 0, image, 0, bytes.length);
        image[SECTOR - 2] = 0x55;
        image[SECTOR - 1] = (byte) 0xAA;
        image[SECTOR] = STATUS;
        return Files.write(folder.resolve("floppy.img"), image);
    }

    @Test
    void shouldBootABootSectorAgainAfterAReset() throws Exception {
        List<String> line = List.of("-bios", "bios-256k.bin", "-nodefaults", "-display", "none", "-serial", "stdio",
                "-m", "32", "-boot", "a", "-fw_cfg", "name=floppyimg/test,file=" + floppy(),
                "-device", "isa-debug-exit,iobase=0xf4");
        try (Machine machine = new MachineBuilder(QemuOptions.parse(line), new FfmSyscalls(), this::open).build()) {
            assertEquals(STATUS << 1 | 1, machine.run().status(), serial::text);
        }
        assertEquals(2, Pattern.compile("Booting from Floppy").matcher(serial.text()).results().count(), serial::text);
    }

    @Test
    void shouldBootFromAVirtioDiskAndReadItsSectors() throws Exception {
        byte[] image = new byte[1 << 20];
        byte[] bytes = HexFormat.of().parseHex(("31c0 8ec0 8ed8" + "b80102 b90200 ba8000 bb007e cd13 7205"
                + "a0007e e6f4 ebfe").replace(" ", ""));
        System.arraycopy(bytes, 0, image, 0, bytes.length);
        image[SECTOR - 2] = 0x55;
        image[SECTOR - 1] = (byte) 0xAA;
        image[SECTOR] = STATUS;
        Path disk = Files.write(folder.resolve("disk.raw"), image);
        List<String> line = List.of("-bios", "bios-256k.bin", "-nodefaults", "-display", "none", "-serial", "stdio",
                "-m", "32", "-hda", disk.toString(), "-device", "isa-debug-exit,iobase=0xf4");
        try (Machine machine = new MachineBuilder(QemuOptions.parse(line), new FfmSyscalls(), this::open).build()) {
            assertEquals(STATUS << 1 | 1, machine.run().status(), serial::text);
        }
        has(serial.text(), "Booting from Hard Disk");
    }

    private static void has(String log, String text) {
        assertTrue(log.contains(text), () -> "no \"" + text + "\" in:\n" + log);
    }
}
