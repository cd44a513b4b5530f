package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import jkvm.control.guest.Guest;
import jkvm.device.platform.VmGenerationIdType;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.snapshot.Lineage;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's kernel hears of it when it may be a copy, and draws its random numbers anew; it runs on the KVM in Java. */
@BootsGuests
class GenerationIdGuestTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final String RESEEDED = "crng reseeded due to virtual machine fork";
    private static final String SCRIPT = """
            echo == ready
            while read -r word; do
                echo == $word: $(dmesg | grep -c 'crng reseeded due to virtual machine fork') forks end
            done
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldTellLinuxOfEachCopyAndOfNothingElse() throws Exception {
        LabKernel kernel = LabKernel.generic(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of(), SCRIPT));
        MachineConfig.Builder config = MachineConfig.builder().memory(256 << 20).kernel(kernel.image())
                .initrds(List.of(initramfs.toString())).commandLine("console=ttyS0").console()
                .device(DeviceConfig.of(VmGenerationIdType.TYPE));
        try (Guest guest = Guest.builder(config.build()).accelerator(Accelerators.open("soft")).build()) {
            guest.start().awaitOutput("== ready", PATIENCE);
            UUID first = guest.machine().generationId().orElseThrow();
            MachineSnapshot snapshot = guest.machine().save().join();
            guest.pause();
            guest.resume();
            assertEquals("0", forks(guest, "paused"));

            guest.machine().load(snapshot, Lineage.CONTINUED).join();
            assertEquals("0", forks(guest, "continued"));
            assertEquals(first, guest.machine().generationId().orElseThrow());

            guest.machine().load(snapshot).join();
            guest.awaitOutput(RESEEDED, PATIENCE);
            assertEquals("1", forks(guest, "copy"));
            UUID second = guest.machine().generationId().orElseThrow();
            assertNotEquals(first, second);

            guest.machine().load(snapshot).join();
            guest.awaitOutput(RESEEDED, PATIENCE);
            assertNotEquals(second, guest.machine().generationId().orElseThrow());
            assertFalse(guest.output().contains("BUG:"), guest.output());
        }
    }

    private static String forks(Guest guest, String word) {
        guest.type(word + "\n");
        return guest.awaitOutput(Pattern.compile("== " + word + ": (\\d+) forks end"), PATIENCE)
                .group(1);
    }
}
