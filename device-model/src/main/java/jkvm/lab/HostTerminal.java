package jkvm.lab;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.linux.Syscalls;

/**
 * The terminal that this process's standard streams are on (ioctl_tty(2), struct termios of asm-generic/termbits.h). Any
 * thread may call.
 */
public final class HostTerminal {
    private static final long TCGETS = 0x5401;
    private static final long TCSETS = 0x5402;
    private static final long TIOCGWINSZ = 0x5413;
    private static final int TERMIOS_SIZE = 36;
    private static final int IFLAG_OFFSET = 0, OFLAG_OFFSET = 4, CFLAG_OFFSET = 8, LFLAG_OFFSET = 12, CC_OFFSET = 17;
    private static final int VTIME = 5, VMIN = 6;
    /** IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON; OPOST; ECHO, ECHONL, ICANON, ISIG, IEXTEN; CSIZE, PARENB. */
    private static final int COOKED_INPUT_MASK = 0x5eb, OPOST_BIT = 1, COOKED_LOCAL_MASK = 0x804b, CHARACTER_MASK = 0x130;
    private static final int CS8 = 0x30;

    private final Syscalls syscalls;
    private byte[] cooked;

    public HostTerminal(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /** @param fd 0, 1 or 2 */
    public boolean isTerminal(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            return syscalls.ioctl(fd, TCGETS, arena.allocate(64, 8).address()) == 0;
        }
    }

    /** Every key goes to the reader of standard input as it is, and output is not changed either. */
    public synchronized void makeRaw() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment termios = arena.allocate(64, 8);
            if (cooked != null || syscalls.ioctl(0, TCGETS, termios.address()) != 0) {
                return;
            }
            cooked = termios.asSlice(0, TERMIOS_SIZE).toArray(ValueLayout.JAVA_BYTE);
            clear(termios, IFLAG_OFFSET, COOKED_INPUT_MASK);
            clear(termios, OFLAG_OFFSET, OPOST_BIT);
            clear(termios, LFLAG_OFFSET, COOKED_LOCAL_MASK);
            clear(termios, CFLAG_OFFSET, CHARACTER_MASK);
            termios.set(ValueLayout.JAVA_INT, CFLAG_OFFSET, termios.get(ValueLayout.JAVA_INT, CFLAG_OFFSET) | CS8);
            termios.set(ValueLayout.JAVA_BYTE, CC_OFFSET + VMIN, (byte) 1);
            termios.set(ValueLayout.JAVA_BYTE, CC_OFFSET + VTIME, (byte) 0);
            syscalls.ioctl(0, TCSETS, termios.address());
        }
    }

    private static void clear(MemorySegment termios, int offset, int mask) {
        termios.set(ValueLayout.JAVA_INT, offset, termios.get(ValueLayout.JAVA_INT, offset) & ~mask);
    }

    /** As it was before {@link #makeRaw()}. May be called more than once. */
    public synchronized void restore() {
        if (cooked == null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment termios = arena.allocate(64, 8);
            MemorySegment.copy(MemorySegment.ofArray(cooked), 0, termios, 0, TERMIOS_SIZE);
            syscalls.ioctl(0, TCSETS, termios.address());
            cooked = null;
        }
    }

    /** Rows and columns of the window that {@code fd} shows; 24 and 80 if it does not tell. */
    public int[] windowSize(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(8, 2);
            boolean known = syscalls.ioctl(fd, TIOCGWINSZ, size.address()) == 0;
            int rows = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 0));
            int columns = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 2));
            return known && rows > 0 && columns > 0 ? new int[] {rows, columns} : new int[] {24, 80};
        }
    }
}
