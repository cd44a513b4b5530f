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
    private final Optional<Path> path;
    private final PrintStream err;

    /**
     * Opens it.
     *
     * @param path the file, which is emptied
     * @param err  used if there is no file, and told in the end if the file lacks something
     * @throws HostException if the file cannot be written
     */
    LogFile(Optional<Path> path, PrintStream err) {
        this.path = path;
        this.err = err;
        try {
            out = path.isEmpty() ? err
                    : new PrintStream(Files.newOutputStream(path.get()), true, StandardCharsets.UTF_8);
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
        if (path.isEmpty()) {
            return;
        }
        out.close();
        if (out.checkError()) {
            err.println("jkvm: warning: the log " + path.get() + " is not whole: a write failed; is its disk full?");
        }
    }
}
