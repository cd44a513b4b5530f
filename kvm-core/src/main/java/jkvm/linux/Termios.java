package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The kernel's {@code struct termios} (asm-generic/termbits.h): what a terminal does with bytes that pass it. */
final class Termios {
    private static final long TCGETS = 0x5401;
    private static final long TCSETS = 0x5402;
    private static final int SIZE = 36;
    private static final int IFLAG_OFFSET = 0, OFLAG_OFFSET = 4, CFLAG_OFFSET = 8, LFLAG_OFFSET = 12, CC_OFFSET = 17;
    private static final int VTIME = 5, VMIN = 6;
    /** IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON. */
    private static final int COOKED_INPUT_MASK = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;
    private static final int ICRNL_BIT = 0x100;
    private static final int OPOST_BIT = 0x1;
    /** CSIZE and PARENB. */
    private static final int FRAME_MASK = 0x30 | 0x100;
    private static final int CS8 = 0x30;
    /** CBAUD. */
    private static final int SPEED_MASK = 0x100F;
    private static final int B115200 = 0x1002, CREAD_BIT = 0x80, CLOCAL_BIT = 0x800;
    /** ICANON, ECHO, ECHONL, IEXTEN. */
    private static final int LINE_EDITING_MASK = 0x2 | 0x8 | 0x40 | 0x8000;
    private static final int ISIG_BIT = 0x1, ICANON_BIT = 0x2, ECHO_BIT = 0x8;

    private final MemorySegment struct;

    private Termios(MemorySegment struct) {
        this.struct = struct;
    }

    /**
     * Reads a terminal's settings.
     *
     * @throws LinuxException ENOTTY if it is no terminal
     */
    static Termios get(Fd terminal) {
        MemorySegment struct = Arena.ofAuto().allocate(SIZE, 4);
        terminal.ioctl("TCGETS " + terminal.name(), TCGETS, struct.address());
        return new Termios(struct);
    }

    /**
     * Makes these the terminal's settings, at once.
     *
     * @return false if the kernel refuses
     */
    boolean apply(Fd terminal) {
        return !Syscalls.isError(terminal.tryIoctl(TCSETS, struct.address()));
    }

    /**
     * A copy that passes every byte of input on at once, unchanged and without echo.
     *
     * @param signals       true if Ctrl-C, Ctrl-Z and Ctrl-\ still send signals
     * @param processOutput true if a line feed of the output still gets its carriage return
     */
    Termios raw(boolean signals, boolean processOutput) {
        MemorySegment raw = Arena.ofAuto().allocate(SIZE, 4).copyFrom(struct);
        change(raw, IFLAG_OFFSET, COOKED_INPUT_MASK, 0);
        change(raw, OFLAG_OFFSET, OPOST_BIT, processOutput ? OPOST_BIT : 0);
        change(raw, CFLAG_OFFSET, FRAME_MASK, CS8);
        change(raw, LFLAG_OFFSET, LINE_EDITING_MASK | (signals ? 0 : ISIG_BIT), 0);
        raw.set(ValueLayout.JAVA_BYTE, CC_OFFSET + VMIN, (byte) 1);
        raw.set(ValueLayout.JAVA_BYTE, CC_OFFSET + VTIME, (byte) 0);
        return new Termios(raw);
    }

    /** A copy for 115200 baud that receives, and ignores the modem's lines. */
    Termios line() {
        MemorySegment line = Arena.ofAuto().allocate(SIZE, 4).copyFrom(struct);
        change(line, CFLAG_OFFSET, SPEED_MASK, B115200 | CREAD_BIT | CLOCAL_BIT);
        return new Termios(line);
    }

    /** A copy with line editing, echo and signals, as a shell hands a terminal to its commands. */
    Termios cooked() {
        MemorySegment cooked = Arena.ofAuto().allocate(SIZE, 4).copyFrom(struct);
        change(cooked, IFLAG_OFFSET, 0, ICRNL_BIT);
        change(cooked, OFLAG_OFFSET, 0, OPOST_BIT);
        change(cooked, LFLAG_OFFSET, 0, ICANON_BIT | ECHO_BIT | ISIG_BIT);
        return new Termios(cooked);
    }

    private static void change(MemorySegment struct, int offset, int clear, int set) {
        struct.set(ValueLayout.JAVA_INT, offset, struct.get(ValueLayout.JAVA_INT, offset) & ~clear | set);
    }

    /** True if input is edited by line, as a shell has it. */
    boolean isCanonical() {
        return (struct.get(ValueLayout.JAVA_INT, LFLAG_OFFSET) & ICANON_BIT) != 0;
    }

    /** True if Ctrl-C sends a signal. */
    boolean sendsSignals() {
        return (struct.get(ValueLayout.JAVA_INT, LFLAG_OFFSET) & ISIG_BIT) != 0;
    }

    /** True if both have the same settings. */
    boolean sameAs(Termios other) {
        return struct.mismatch(other.struct) < 0;
    }
}
