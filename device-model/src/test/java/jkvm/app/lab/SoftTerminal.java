package jkvm.app.lab;

import java.io.IOException;
import java.util.List;

/** jkvm on its KVM in Java, in a process on this machine, its terminal two pipes. {@link #close()} kills it. */
public final class SoftTerminal extends ProcessTerminal {
    /** Starts jkvm in the current directory, with these arguments after {@code -accel soft}. */
    public SoftTerminal(List<String> arguments) throws IOException {
        super(SoftRun.command(arguments));
    }
}
