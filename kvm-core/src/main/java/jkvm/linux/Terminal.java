package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * The user's terminal in raw mode. {@link #close()} restores it, and so does any end of the process that runs shutdown
 * hooks (exit, an uncaught exception, SIGTERM, SIGHUP, SIGINT). It becomes raw again when the process goes on after a
 * stop. Any thread may call.
 */
public final class Terminal implements AutoCloseable {
    private static final long TIOCGPGRP = 0x540f;
    private static final long TIOCGWINSZ = 0x5413;
    private static final long TIOCGSID = 0x5429;

    /** How many characters a terminal shows. */
    public record Size(int rows, int columns) {
    }

    private final Fd fd;
    private final Termios before;
    private final Termios raw;
    private final Thread restoreAtExit = new Thread(this::restore, "terminal-restore");
    private final ResumeWatch watch;
    private boolean restored;

    private Terminal(Fd fd, Termios before, Termios raw) {
        this.fd = fd;
        this.before = before;
        this.raw = raw;
        this.watch = ResumeWatch.start(fd.syscalls(), this::makeRawAgain);
    }

    /**
     * Switches a terminal to raw mode: no echo, no line editing, every byte at once. Output processing stays on. A
     * process in the background switches it when it comes to the foreground: a background process that touches its
     * terminal is stopped.
     *
     * @param fd      the terminal; must stay open as long as the terminal is raw
     * @param signals true if Ctrl-C still ends the process, false if it is a byte like any other
     * @return empty if {@code fd} is no terminal, which is then left alone
     * @throws LinuxException if the kernel does not let the process be watched; the terminal is as it was
     */
    public static Optional<Terminal> makeRaw(Fd fd, boolean signals) {
        return makeRaw(fd, signals, true);
    }

    /**
     * As {@link #makeRaw(Fd, boolean)}.
     *
     * @param processOutput false if a line feed goes out as no more than that
     */
    public static Optional<Terminal> makeRaw(Fd fd, boolean signals, boolean processOutput) {
        Termios before;
        try {
            before = Termios.get(fd);
        } catch (LinuxException _) {
            return Optional.empty();
        }
        Termios raw = before.raw(signals, processOutput);
        Terminal terminal = new Terminal(fd, before, raw);
        Runtime.getRuntime().addShutdownHook(terminal.restoreAtExit);
        terminal.makeRawAgain();
        return Optional.of(terminal);
    }

    /**
     * Makes a terminal device a plain line for bytes in both directions, 115200 baud, 8 bits, no parity. It stays so.
     * A device that is no terminal is left alone.
     */
    public static void makeLine(Fd fd) {
        try {
            Termios.get(fd).raw(false, false).line().apply(fd);
        } catch (LinuxException _) {
            // No terminal: nothing to set.
        }
    }

    public static boolean isTerminal(Fd fd) {
        try {
            Termios.get(fd);
            return true;
        } catch (LinuxException _) {
            return false;
        }
    }

    /** The size of the terminal's window; empty if {@code fd} is no terminal or does not know. */
    public static Optional<Size> size(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(ValueLayout.JAVA_SHORT, 4);
            boolean failed = Syscalls.isError(fd.tryIoctl(TIOCGWINSZ, size.address()));
            int rows = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 0));
            int columns = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 1));
            return failed || rows == 0 || columns == 0 ? Optional.empty() : Optional.of(new Size(rows, columns));
        }
    }

    /** A shell sets a mode of its own while the process is stopped. */
    private synchronized void makeRawAgain() {
        if (!restored && !isInBackground()) {
            raw.apply(fd);
        }
    }

    @Override
    public void close() {
        restore();
        watch.close();
        try {
            Runtime.getRuntime().removeShutdownHook(restoreAtExit);
        } catch (IllegalStateException _) {
            // The process is ending already; the hook finds nothing left to do.
        }
    }

    private synchronized void restore() {
        if (!restored && !fd.isClosed() && !isInBackground()) {
            before.apply(fd);
        }
        restored = true;
    }

    private boolean isInBackground() {
        return isInBackground(fd);
    }

    /** True if this is a terminal that belongs to another job now: to read or change it would stop this process. */
    static boolean isInBackground(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ValueLayout.JAVA_INT);
            // Another session's terminal, as the user's side of a pseudo-terminal, stops nobody here.
            return isAnswered(fd, TIOCGSID, answer)
                    && answer.get(ValueLayout.JAVA_INT, 0) == own(fd, SyscallNumber.GETSID)
                    && isAnswered(fd, TIOCGPGRP, answer)
                    && answer.get(ValueLayout.JAVA_INT, 0) != own(fd, SyscallNumber.GETPGID);
        }
    }

    private static boolean isAnswered(Fd fd, long request, MemorySegment answer) {
        return !Syscalls.isError(fd.tryIoctl(request, answer.address()));
    }

    private static long own(Fd fd, long syscall) {
        return fd.syscalls().call(syscall, 0, 0, 0, 0, 0, 0);
    }
}
