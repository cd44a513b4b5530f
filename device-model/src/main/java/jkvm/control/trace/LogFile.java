package jkvm.control.trace;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import jkvm.host.HostException;

/** Takes the lines of logs and traces. Any thread may call. */
final class LogFile implements AutoCloseable {
    private final PrintStream out;
    private final boolean isFile;

    /**
     * Opens it.
     *
     * @param path the file, which is emptied; {@code err} is used if there is none
     * @throws HostException if the file cannot be written
     */
    LogFile(Optional<Path> path, PrintStream err) {
        isFile = path.isPresent();
        try {
            out = isFile ? new PrintStream(Files.newOutputStream(path.get()), true, StandardCharsets.UTF_8) : err;
        } catch (IOException e) {
            throw new LogException(path.get(), HostException.reasonOf(e), e);
        }
    }

    void line(String text) {
        out.println(text);
    }

    /** Takes whole lines, each with its end. */
    void text(String lines) {
        out.print(lines);
        out.flush();
    }

    @Override
    public void close() {
        if (isFile) {
            out.close();
        }
    }
}
