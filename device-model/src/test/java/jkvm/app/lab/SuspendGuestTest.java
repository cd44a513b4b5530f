package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jkvm.app.options.QemuOptions;
import jkvm.control.guest.Guest;
import jkvm.machine.MachineEvent;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.media.Bios;
import jkvm.media.GrubMedia;
import jkvm.media.LongTier;
import jkvm.media.MediaFolder;
import jkvm.media.PartitionTable;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Debian's kernel suspends itself to RAM and goes on, by {@code -kernel} and under both kinds of firmware. */
@BootsGuests
class SuspendGuestTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    /** Sleeps twice: until an alarm of the clock, then until somebody wakes it. */
    private static final String SCRIPT = """
            sum() { md5sum < /bin/busybox | cut -c1-8; }
            before=$(sum)
            grep -q deep /sys/power/mem_sleep && echo == offers deep
            echo +2 > /sys/class/rtc/rtc0/wakealarm
            echo mem > /sys/power/state && echo == woken by the alarm
            echo mem > /sys/power/state && echo == woken by hand
            [ $before = $(sum) ] && echo == memory is whole on $(nproc) CPUs
            dmesg | grep -E 'BUG:|Oops|Call Trace|ACPI.*Error'
            sleep 0.2
            poweroff -f
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldBeWokenByAnAlarmAndByTheUserWhereItWasStartedWithoutFirmware() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"),
                GuestInitramfs.script(new KernelModules(kernel), List.of(), SCRIPT));
        MachineConfig config = MachineConfig.builder().memory(256 << 20).cpus(2).kernel(kernel.image())
                .initrds(List.of(initramfs.toString())).commandLine("console=ttyS0 no_console_suspend quiet").console()
                .build();
        try (Guest guest = start(config)) {
            assertEquals(0, guest.awaitEnd(PATIENCE).status(), guest.output());
            assertAwake(guest.output(), 2);
        }
    }

    private static Guest start(MachineConfig config) {
        Guest guest = Guest.builder(config).accelerator(Accelerators.open("soft")).build();
        wakeAtTheSecondSuspend(guest);
        return guest.start();
    }

    private static void wakeAtTheSecondSuspend(Guest guest) {
        guest.onEvent(event -> {
            if (event.type() == MachineEvent.Type.SUSPEND && guest.output().contains("alarm")) {
                guest.machine().wakeUp();
            }
        });
    }

    private static void assertAwake(String output, int cpus) {
        assertTrue(output.contains("== woken by the alarm"), output);
        assertTrue(output.contains("== woken by hand"), output);
        assertTrue(output.contains("== memory is whole on " + cpus + " CPUs"), output);
        assertTrue(!output.contains("BUG:") && !output.contains("Oops") && !output.contains("Call Trace"), output);
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeWokenByFirmware(Bios bios) throws Exception {
        LongTier.require();
        LabKernel kernel = LabKernel.cloud(System.err::println);
        MediaFolder media = new MediaFolder(folder);
        media.copy(kernel.image(), "root/boot/vmlinuz");
        media.write("root/boot/initramfs.gz", GuestInitramfs.script(new KernelModules(kernel), List.of(), SCRIPT));
        Path disk = GrubMedia.disk(media, PartitionTable.MBR, 24, """
                menuentry "Linux" {
                    linux /boot/vmlinuz console=ttyS0 no_console_suspend quiet
                    initrd /boot/initramfs.gz
                }
                """);
        Files.delete(media.path("partition.img"));
        List<String> words = new ArrayList<>(bios.words());
        words.addAll(List.of("-m", "256", "-vga", "std", "-display", "none", "-serial", "stdio", "-monitor", "none",
                "-drive", "if=virtio,format=raw,file=" + disk));
        try (Guest guest = start(QemuOptions.parse(words, DeviceTypes.builtIn()).machine())) {
            guest.awaitOutput("Linux", PATIENCE);
            while (!guest.output().contains("== offers deep") && guest.exit().isEmpty()) {
                // GRUB forgets keys that come while it draws its menu.
                guest.type("\r");
                Thread.sleep(1000);
            }
            assertEquals(0, guest.awaitEnd(PATIENCE).status(), guest.output());
            assertAwake(guest.output(), 1);
        }
    }
}
