package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jkvm.app.options.QemuOptions;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignalEndTest {
    private static final Duration LONGEST = Duration.ofSeconds(1);

    @TempDir
    private Path folder;

    @Test
    void shouldGiveUpWithinASecondOnAMachineThatDoesNotEndAndSayWhatIsLost() throws Exception {
        Path image = Files.write(folder.resolve("guest"), new byte[16]);
        MachineConfig config = QemuOptions.parse(List.of("-m", "2", "-display", "none", "-device",
                "loader,addr=0x1000,cpu-num=0,file=" + image), DeviceTypes.builtIn()).machine();
        Accelerator soft = Accelerators.open(List.of(Accelerator.Kind.SOFT), new FfmSyscalls(),
                config.softOptions(null));
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        try (Machine machine = new MachineBuilder(config, soft.syscalls(), _ -> new FakeChardev()).build()) {
            QuitSwitch quit = new QuitSwitch();
            try (SignalEnd end = SignalEnd.install(quit, new PrintStream(messages, true, StandardCharsets.UTF_8))) {
                quit.connect(machine, () -> { });
                long start = System.nanoTime();
                end.end();
                long nanos = System.nanoTime() - start;
                assertTrue(nanos < LONGEST.toNanos(), () -> nanos + " ns");
            }
        }
        assertEquals("jkvm: terminated by a signal while a disk or another host side does not answer: what the guest"
                + " has not flushed may be lost\n", messages.toString(StandardCharsets.UTF_8));
    }
}
