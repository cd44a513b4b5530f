package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A new pseudo-terminal, see {@code pty(7)}. Its terminal side is raw. While no process has the terminal side open,
 * poll reports a hang-up on this side.
 */
public final class Pty implements AutoCloseable {
    private static final long TIOCSPTLCK = 0x40045431L;
    private static final long TIOCGPTN = 0x80045430L;
    private static final int O_NOCTTY = 0x100;

    private final Fd fd;
    private final String path;

    private Pty(Fd fd, String path) {
        this.fd = fd;
        this.path = path;
    }

    /**
     * Makes a pseudo-terminal.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static Pty open(Syscalls syscalls) {
        Fd fd = Fd.open(syscalls, "/dev/ptmx", Fd.O_RDWR | O_NOCTTY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
            fd.ioctl("TIOCSPTLCK /dev/ptmx", TIOCSPTLCK, number.address());
            fd.ioctl("TIOCGPTN /dev/ptmx", TIOCGPTN, number.address());
            String path = "/dev/pts/" + number.get(ValueLayout.JAVA_INT, 0);
            // The first open and close also begins the hang-up that poll reports.
            try (Fd terminal = Fd.open(syscalls, path, Fd.O_RDWR | O_NOCTTY)) {
                Termios.get(terminal).raw(false, false).apply(terminal);
            }
            return new Pty(fd, path);
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
    }

    /** The side that this process reads and writes. */
    public Fd fd() {
        return fd;
    }

    /** The name of the terminal side, such as {@code /dev/pts/3}. */
    public String path() {
        return path;
    }

    @Override
    public void close() {
        fd.close();
    }
}
