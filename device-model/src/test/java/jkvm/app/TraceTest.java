package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.control.trace.LogConfig;
import jkvm.control.trace.LogItem;
import jkvm.control.trace.Tracing;
import jkvm.guest.GuestImages;
import jkvm.host.chardev.FakeChardev;
import jkvm.json.Json;
import jkvm.json.JsonReader;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineEvent;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code -trace}, {@code -d}, {@code -D} and {@code -msg} on guests whose accesses are known. */
class TraceTest {
    private static final Path IMAGES = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot");
    private static final int GUEST_EXIT = 71;

    @TempDir
    private Path folder;
    private String messages = "";

    private int run(String image, String... options) {
        List<String> words = new ArrayList<>(List.of("-accel", "soft", "-nodefaults", "-display", "none",
                "-serial", "null", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                "-kernel", IMAGES.resolve(image + ".bin").toString()));
        words.addAll(List.of(options));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(words, new PrintStream(OutputStream.nullOutputStream()), new PrintStream(err, true));
        messages = err.toString(StandardCharsets.UTF_8);
        return status;
    }

    @Test
    void shouldPrintTheExitsByPlaceDeviceAndCpuAtTheEnd() {
        int status = run("debug-exit", "-trace", "exits");

        assertEquals(GUEST_EXIT, status);
        assertTrue(messages.matches("(?s).*IO in +0xf4 +1 debug-exit-f4 +1 \\|.*"), messages);
        assertTrue(messages.matches("(?s).*IO out +0xf4 +4 debug-exit-f4 +1 \\|.*"), messages);
        assertTrue(messages.matches("(?s).*\\ndevice +exits.*\\ndebug-exit-f4 +2 .*"), messages);
        Matcher cpu = Pattern.compile("(?m)^vCPU 0 +(\\d+) ").matcher(messages);
        assertTrue(cpu.find() && Integer.parseInt(cpu.group(1)) >= 2, messages);
    }

    @Test
    void shouldWriteTheExitsAsJson() throws Exception {
        Path file = folder.resolve("exits.json");

        run("debug-exit", "-trace", "exits,json=" + file);

        String text = Files.readString(file);
        assertTrue(JsonReader.read(text) instanceof Json.Members, text);
        assertTrue(Pattern.compile("\"exit\": \"IO out\",\\s+\"place\": 244,\\s+\"size\": 4,"
                + "\\s+\"device\": \"debug-exit-f4\",\\s+\"count\": 1,\\s+\"handler\": \\{\\s+\"total\": \\d+")
                .matcher(text).find(), text);
    }

    @Test
    void shouldTellAccessesByTheNamesOfRegisters() {
        run("serial", "-trace", "serial_*");

        List<String> lines = messages.lines().filter(line -> line.contains(" SCR = ")).toList();
        assertEquals(List.of("serial_write SCR = 0x5a (serial0)", "serial_read SCR = 0x5a (serial0)"), lines);
        assertTrue(messages.contains("serial_write LCR = 3 (serial0)\n"), messages);
        assertFalse(messages.contains("memory_region_ops"), messages);
    }

    @Test
    void shouldTellAnyAccessWithItsAddressAndTakeOutWhatAMinusNames() throws Exception {
        Path patterns = Files.writeString(folder.resolve("events"), "# all accesses\nmemory_region_ops_*\n"
                + "-memory_region_ops_read\n");
        Path log = folder.resolve("log");

        run("debug-exit", "-trace", "events=" + patterns + ",file=" + log, "-trace", "kvm_run_exit");

        String text = Files.readString(log);
        assertTrue(text.contains("memory_region_ops_write addr 0xf4 value 0x123 size 4 name 'debug-exit-f4'"), text);
        assertFalse(text.contains("memory_region_ops_read"), text);
        assertTrue(text.contains("kvm_run_exit cpu_index 0, reason 2 (IO)\n"), text);
        assertEquals("", messages);
    }

    @Test
    void shouldLogInterrupts() throws Exception {
        Path log = folder.resolve("log");

        run("pit", "-d", "int", "-D", log.toString());

        String interrupts = Files.readString(log);
        assertTrue(interrupts.matches("(?s) +0: v=[0-9a-f]{2} cpu=0 pc=[0-9a-f]{16} handler=[0-9a-f]{16}\\n.*"),
                interrupts);
    }

    @Test
    void shouldLogRegistersBeforeAReset() throws Exception {
        Path log = folder.resolve("log");
        MachineConfig config = MachineConfig.builder().kernel(IMAGES.resolve("reset.bin")).commandLine("k").build();
        LogConfig logs = new LogConfig(Set.of(LogItem.CPU_RESET), List.of(), Optional.of(log), false, false,
                Optional.empty(), false, List.of());
        Accelerator soft = Accelerators.open("soft");
        MachineBuilder builder = new MachineBuilder(config, soft.syscalls(), _ -> new FakeChardev());

        try (Tracing tracing = new Tracing(logs, System.err)) {
            tracing.prepare(config, soft, builder);
            try (Machine machine = builder.build()) {
                machine.addListener(event -> {
                    if (event.type() == MachineEvent.Type.RESET) {
                        machine.quit();
                    }
                });
                machine.run();
            }
        }

        String text = Files.readString(log);
        assertTrue(text.matches("(?s)CPU Reset \\(CPU 0\\)\\nEAX=[0-9a-f]{8} .*CS =0008 .*EFER=[0-9a-f]{16}\\n"), text);
    }

    @Test
    void shouldLogAccessesWhereNoDeviceIs() throws Exception {
        Path log = folder.resolve("log");

        run("testdev", "-d", "guest_errors", "-D", log.toString());

        assertTrue(Files.readString(log).matches("(?s)no device at this port: 0x[0-9a-f]+, [124] bytes\\n.*"),
                Files.readString(log));
    }

    @Test
    void shouldBeginMessagesWithTimeAndName() {
        run("debug-exit", "-name", "web", "-msg", "timestamp=on,guest-name=on", "-trace", "nosuch");

        assertTrue(messages.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z web jkvm: warning:"
                + " -trace nosuch: warning: trace event 'nosuch' does not exist; .*\\n"), messages);
    }

    @Test
    void shouldNameALogThatCannotBeWritten() {
        int status = run("debug-exit", "-d", "int", "-D", folder.resolve("none/log").toString());

        assertEquals(1, status);
        assertEquals("jkvm: Error opening logfile " + folder + "/none/log: no such file or directory\n", messages);
    }

    @Test
    void shouldTellThatALogIsNotWhole() {
        int status = run("debug-exit", "-trace", "kvm_run_exit", "-D", "/dev/full");

        assertEquals(GUEST_EXIT, status);
        assertEquals("jkvm: warning: the log /dev/full is not whole: a write failed; is its disk full?\n", messages);
    }

    @Test
    void shouldListAllEventsThatDevicesTell() {
        assertTrue(Tracing.eventNames().containsAll(List.of("e1000_write", "serial_read", "virtio_write",
                "kvm_run_exit", "memory_region_ops_read")), Tracing.eventNames().toString());
    }
}
