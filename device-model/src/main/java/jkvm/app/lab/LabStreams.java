package jkvm.app.lab;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * Where the job's standard streams lead. Those marked as terminal are one terminal in the lab, the others pipes.
 *
 * @param stdin    read from its own thread, from the moment that the job starts
 * @param terminal what the lab's terminal shows; used if a stream is a terminal
 * @param settings arguments of stty for the lab's terminal, such as {@code rows 24 cols 80}
 */
public record LabStreams(InputStream stdin, OutputStream stdout, OutputStream stderr, OutputStream terminal,
        boolean stdinIsTerminal, boolean stdoutIsTerminal, boolean stderrIsTerminal, String settings) {

    /** No terminal: pipes, byte for byte. */
    public static LabStreams pipes(InputStream stdin, OutputStream stdout, OutputStream stderr) {
        return new LabStreams(stdin, stdout, stderr, OutputStream.nullOutputStream(), false, false, false, "");
    }

    /** All three streams are the lab's terminal; what is read here is typed there. */
    public static LabStreams terminal(InputStream typed, OutputStream shown) {
        return new LabStreams(typed, shown, shown, shown, true, true, true, "rows 24 cols 80");
    }

    boolean hasTerminal() {
        return stdinIsTerminal || stdoutIsTerminal || stderrIsTerminal;
    }
}
