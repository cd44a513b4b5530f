package jkvm.app.options;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.guest.InstalledTools;

/** Reads the files of the firmware configuration device of a machine that QEMU makes and does not start. */
final class QemuFiles implements AutoCloseable {
    private static final int DIRECTORY_KEY = 0x19;
    private static final int ENTRY_SIZE = 64;
    private static final int ENTRY_KEY = 4;
    private static final int ENTRY_NAME = 8;

    private final Process process;
    private final PrintStream requests;
    private final BufferedReader answers;

    /** @param folder that the options' files are in */
    QemuFiles(Path folder, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(OptionRun.QEMU, "-nodefaults", "-display", "none", "-accel",
                "tcg", "-S", "-qtest", "stdio"));
        command.addAll(options);
        process = new ProcessBuilder(command).directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        requests = new PrintStream(process.getOutputStream(), false, StandardCharsets.US_ASCII);
        answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    static boolean isThere() {
        return InstalledTools.has(OptionRun.QEMU);
    }

    /** The content of a file. */
    byte[] read(String name) throws IOException {
        int files = ByteBuffer.wrap(item(DIRECTORY_KEY, Integer.BYTES)).getInt();
        ByteBuffer directory = ByteBuffer.wrap(item(DIRECTORY_KEY, Integer.BYTES + files * ENTRY_SIZE));
        for (int at = Integer.BYTES; at < directory.limit(); at += ENTRY_SIZE) {
            byte[] text = new byte[ENTRY_SIZE - ENTRY_NAME];
            directory.get(at + ENTRY_NAME, text);
            if (new String(text, StandardCharsets.US_ASCII).split("\0", 2)[0].equals(name)) {
                return item(directory.getShort(at + ENTRY_KEY), directory.getInt(at));
            }
        }
        throw new IOException("QEMU has no file " + name);
    }

    private byte[] item(int key, int size) throws IOException {
        requests.printf("outw 0x510 0x%x%n", key);
        for (int i = 0; i < size; i++) {
            requests.println("inb 0x511");
        }
        requests.flush();
        answer();
        byte[] content = new byte[size];
        for (int i = 0; i < size; i++) {
            content[i] = (byte) (int) Integer.decode(answer().substring("OK ".length()));
        }
        return content;
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        while (line != null && !line.startsWith("OK")) {
            line = answers.readLine();
        }
        if (line == null) {
            throw new IOException("QEMU has ended");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
