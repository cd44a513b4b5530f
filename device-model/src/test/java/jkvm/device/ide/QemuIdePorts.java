package jkvm.device.ide;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** QEMU's IDE controller, reached by the protocol of its own device tests; its CPU stands. */
final class QemuIdePorts implements IdePorts, AutoCloseable {
    private static final String QEMU = "/usr/bin/qemu-system-x86_64";
    private static final long CONFIG = 0x80000000L | 9 << 8;

    private final Process qemu;
    private final Writer requests;
    private final BufferedReader answers;

    static boolean isPresent() {
        return Files.isExecutable(Path.of(QEMU));
    }

    QemuIdePorts(Path folder, byte[] disk, byte[] disc) throws IOException {
        List<String> line = new ArrayList<>(List.of(QEMU, "-machine", "pc,accel=tcg", "-m", "16", "-S", "-display",
                "none", "-qtest", "stdio", "-qtest-log", "/dev/null"));
        line.addAll(List.of("-drive", "if=ide,format=raw,file=" + Files.write(folder.resolve("disk"), disk),
                "-cdrom", Files.write(folder.resolve("disc"), disc).toString()));
        qemu = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        requests = qemu.outputWriter();
        answers = qemu.inputReader();
        configure(0x20, MASTER);
        configure(0x04, 5);
    }

    private void configure(int offset, int value) throws IOException {
        out(0xCF8, 4, CONFIG | offset);
        out(0xCFC, 4, value);
    }

    private String ask(String request) throws IOException {
        requests.write(request + "\n");
        requests.flush();
        String answer = answers.readLine();
        while (answer != null && answer.startsWith("IRQ")) {
            answer = answers.readLine();
        }
        assertTrue(answer != null && answer.startsWith("OK"), request);
        return answer;
    }

    private static char letter(int size) {
        return size == 1 ? 'b' : size == 2 ? 'w' : 'l';
    }

    @Override
    public long in(int port, int size) throws IOException {
        return Long.decode(ask("in%c 0x%x".formatted(letter(size), port)).split(" ")[1]);
    }

    @Override
    public void out(int port, int size, long value) throws IOException {
        ask("out%c 0x%x 0x%x".formatted(letter(size), port, value & (1L << size * 8) - 1));
    }

    @Override
    public void writeMemory(long address, byte[] bytes) throws IOException {
        ask("write 0x%x 0x%x 0x%s".formatted(address, bytes.length, HexFormat.of().formatHex(bytes)));
    }

    @Override
    public byte[] readMemory(long address, int count) throws IOException {
        return HexFormat.of().parseHex(ask("read 0x%x 0x%x".formatted(address, count)).split(" ")[1].substring(2));
    }

    @Override
    public void close() {
        qemu.destroyForcibly();
    }
}
