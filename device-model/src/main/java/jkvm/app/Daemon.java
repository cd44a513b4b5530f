package jkvm.app;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import jkvm.app.options.UsageException;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/**
 * A machine in the background ({@code -daemonize}). A JVM cannot fork: the launcher starts it in a session of its own,
 * and ends when it reads that the machine is ready.
 */
final class Daemon {
    /** Names the descriptor by which the launcher hears of it. */
    private static final String PROPERTY = "jkvm.daemon";
    private static final byte[] READY = "ready".getBytes(StandardCharsets.US_ASCII);
    private static final int STREAMS = 3;

    private final Syscalls syscalls;
    /** -1 in the foreground. */
    private final int launcher;

    private Daemon(Syscalls syscalls, int launcher) {
        this.syscalls = syscalls;
        this.launcher = launcher;
    }

    /**
     * @param isAsked the command line has the option
     * @throws UsageException if nobody has put the process into the background
     */
    static Daemon of(Syscalls syscalls, boolean isAsked) {
        int launcher = isAsked ? Integer.getInteger(PROPERTY, -1) : -1;
        if (isAsked && launcher < 0) {
            throw new UsageException("-daemonize: a JVM cannot go into the background by itself; start it by the"
                    + " launcher, jkvm");
        }
        return new Daemon(syscalls, launcher);
    }

    /** The machine is ready: gives up the standard streams, and lets the launcher end. In the foreground, nothing. */
    void ready() {
        if (launcher < 0) {
            return;
        }
        System.out.flush();
        System.err.flush();
        try (Fd nothing = Fd.open(syscalls, "/dev/null", Fd.O_RDWR);
                Fd told = new Fd(syscalls, launcher, "the launcher's pipe"); Arena arena = Arena.ofConfined()) {
            for (int stream = 0; stream < STREAMS; stream++) {
                nothing.standFor(stream);
            }
            MemorySegment word = arena.allocateFrom(ValueLayout.JAVA_BYTE, READY);
            // A launcher that was killed meanwhile hears nothing; the machine goes on.
            told.write(word.address(), word.byteSize());
        } catch (LinuxException e) {
            throw new UsageException("-daemonize: " + e.getMessage(), e);
        }
    }
}
