package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.Syscalls;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** GRUB on a virtio disk, made by Debian's grub-mkrescue and started by Debian's SeaBIOS. */
@OnEachKvm
@Timeout(300)
class GrubDiskTest {
    private static final Path MODULES = Path.of("/usr/lib/grub/i386-pc");
    private static final Path SEABIOS = Path.of("/usr/share/seabios/bios-256k.bin");
    private static final int STATUS = 0x10;
    private static final String ENTRY = "the test's entry";
    /** Where KVM interprets each instruction, GRUB unpacks itself for a while. */
    private static final Duration MENU = Duration.ofSeconds(200);
    private static final long POLL_MILLIS = 50;

    @TempDir
    private Path folder;
    private final FakeChardev serial = new FakeChardev();

    private final Syscalls kvm;

    GrubDiskTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void requireTools() {
        assumeTrue(Files.exists(SEABIOS), "Debian's package seabios is not installed");
        assumeTrue(Files.exists(MODULES) && Files.exists(Path.of("/usr/bin/grub-mkrescue"))
                && Files.exists(Path.of("/usr/bin/xorriso")),
                "Debian's packages grub-pc-bin, grub-common and xorriso are not installed");
    }

    private Path disk() throws Exception {
        Path image = folder.resolve("grub.img");
        Files.writeString(Files.createDirectories(folder.resolve("root/boot/grub")).resolve("grub.cfg"), """
                serial --unit=0 --speed=115200
                terminal_input serial
                terminal_output serial
                set timeout=-1
                menuentry "%s" { outb 0xf4 0x%x }
                """.formatted(ENTRY, STATUS));
        Process process = new ProcessBuilder("grub-mkrescue", "-d", MODULES.toString(), "-o", image.toString(),
                "--locales=", "--fonts=", "--themes=", "--install-modules=normal serial terminal iorw",
                folder.resolve("root").toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), output);
        return image;
    }

    @Test
    void shouldShowItsMenuOverSerialAndObeyIt() throws Exception {
        MachineConfig config = TestConfigs.machine(64).device(DeviceConfig.of(VirtioBlockType.PCI)
                .with(VirtioBlockType.DRIVE, TestConfigs.rawDrive("grub", disk()))).build();
        try (Machine machine = new MachineBuilder(config, kvm, _ -> serial).build()) {
            CompletableFuture<MachineExit> exit = CompletableFuture.supplyAsync(machine::run);
            long end = System.nanoTime() + MENU.toNanos();
            while (!serial.text().contains(ENTRY) && !exit.isDone() && System.nanoTime() < end) {
                Thread.sleep(POLL_MILLIS);
            }
            assertFalse(exit.isDone(), () -> serial.text() + exit.join().report());
            assertTrue(serial.text().contains("Booting from Hard Disk") && serial.text().contains("GNU GRUB")
                    && serial.text().contains(ENTRY), serial::text);
            serial.send("\r");
            assertEquals(STATUS << 1 | 1, exit.get(1, TimeUnit.MINUTES).status(), serial::text);
        }
    }
}
