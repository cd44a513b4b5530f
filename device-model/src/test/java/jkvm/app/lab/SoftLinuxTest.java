package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's cloud kernel with a busybox initramfs, on the KVM in Java. */
@BootsGuests
class SoftLinuxTest {
    private static final Duration BOOT = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldGiveAShellThatAnswersRebootInPlaceAndPowerOff(int cpus) throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"),
                GuestInitramfs.shell(new KernelModules(kernel), List.of()));
        try (SoftTerminal terminal = new SoftTerminal(List.of("-kernel", kernel.image().toString(), "-initrd",
                initramfs.toString(), "-append", "console=ttyS0 quiet", "-smp", Integer.toString(cpus), "-m", "256",
                "-nographic"))) {
            terminal.expect(GuestInitramfs.PROMPT, BOOT);
            terminal.send("echo $((6 * 7)) from $(nproc) CPUs\r");
            terminal.expect("42 from %d CPUs".formatted(cpus), COMMAND);
            terminal.send("reboot -f\r");
            terminal.expect(GuestInitramfs.PROMPT, COMMAND);
            terminal.expect(GuestInitramfs.PROMPT, BOOT);
            terminal.send("echo up again with $(nproc)\r");
            terminal.expect("up again with " + cpus, COMMAND);
            terminal.send("poweroff -f\r");
            assertEquals(0, terminal.exitStatus(COMMAND));
        }
    }

    @Test
    void shouldBootAsAMicrovmThroughThePvhEntry() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of(), "echo CPUS $(nproc)\npoweroff -f\n"));

        LabRun.Result result = SoftRun.jkvm(List.of("-kernel", kernel.elfImage().orElse(kernel.image()).toString(),
                "-initrd", initramfs.toString(), "-append", "console=ttyS0 quiet", "-smp", "2", "-m", "256",
                "-nographic", "-machine", "microvm"), BOOT);

        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("CPUS 2"), result.out());
    }

    @Test
    void shouldMeasureTimeByTheHighPrecisionEventTimerAndShowTheSystemsSerialNumber() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of(), "sleep 1\necho SLEPT\ncd /sys/class/dmi/id\n"
                + "echo SYSTEM $(cat sys_vendor product_name product_serial)\npoweroff -f\n"));

        LabRun.Result result = SoftRun.jkvm(List.of("-kernel", kernel.image().toString(), "-initrd",
                initramfs.toString(), "-append", "console=ttyS0 clocksource=hpet", "-m", "256", "-nographic",
                "-machine", "hpet=on", "-smbios", "type=1,serial=S-42"), BOOT);

        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("hpet0: 3 comparators, 64-bit 100.000000 MHz counter"), result.out());
        assertTrue(result.out().contains("clocksource: Switched to clocksource hpet"), result.out());
        assertTrue(result.out().contains("242 bytes nvram"), result.out());
        assertTrue(result.out().contains("SLEPT"), result.out());
        assertTrue(result.out().contains("SYSTEM QEMU Standard PC (i440FX + PIIX, 1996) S-42"), result.out());
    }
}
