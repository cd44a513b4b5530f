package jkvm.device.floppy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** QEMU's floppy controller, reached by the protocol of its own device tests; its CPU is halted. */
final class QemuFloppyPorts implements FloppyPorts, AutoCloseable {
    private static final int ROM_SIZE = 65536;
    private static final int RESET_VECTOR = 0xFFF0;
    /** READ ID takes a turn of the disk. */
    private static final int TURN_MILLIS = 30;

    private final Process qemu;
    private final Writer requests;
    private final BufferedReader answers;

    static boolean isPresent() {
        return Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64"));
    }

    QemuFloppyPorts(Path folder, String... options) throws IOException {
        byte[] rom = new byte[ROM_SIZE];
        rom[RESET_VECTOR] = (byte) 0xFA;        // cli
        rom[RESET_VECTOR + 1] = (byte) 0xF4;    // hlt
        Path halt = Files.write(folder.resolve("halt.bin"), rom);
        List<String> line = new ArrayList<>(List.of("qemu-system-x86_64", "-machine", "pc,accel=tcg", "-m", "16",
                "-bios", halt.toString(), "-display", "none", "-qtest", "stdio", "-qtest-log", "/dev/null"));
        line.addAll(List.of(options));
        qemu = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        requests = qemu.outputWriter();
        answers = qemu.inputReader();
    }

    private String ask(String request) throws IOException {
        requests.write(request + "\n");
        requests.flush();
        String answer = answers.readLine();
        while (answer != null && answer.startsWith("IRQ")) {
            answer = answers.readLine();
        }
        assertTrue(answer != null && answer.startsWith("OK"), () -> request);
        return answer;
    }

    @Override
    public int in(int port) throws IOException {
        return Integer.decode(ask("inb 0x%x".formatted(port)).split(" ")[1]);
    }

    @Override
    public void out(int port, int value) throws IOException {
        ask("outb 0x%x 0x%x".formatted(port, value));
    }

    @Override
    public void give(int... bytes) throws IOException {
        FloppyPorts.super.give(bytes);
        for (int i = 0; i < TURN_MILLIS && in(MAIN_STATUS) == 0x10; i++) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    void fill(int address, int bytes, int value) throws IOException {
        ask("memset 0x%x 0x%x 0x%x".formatted(address, bytes, value));
    }

    @Override
    public void close() {
        qemu.destroyForcibly();
    }
}
