package jkvm.device.testdev;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.device.board.PageProtector;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * QEMU's pc-testdev, made for tests of instruction emulation and of interrupt controllers: a four-byte latch seen
 * through two windows, a port that remaps a page, one port for each global interrupt, and 64 KiB of device memory.
 * Each is an {@link IoHandler} of its own.
 */
public final class PcTestdev implements Device {
    /** {@link #latch()}: four ports, accesses of 1, 2 and 4 bytes. */
    public static final int LATCH_PORT = 0xe0;
    /** {@link #flush()}: four ports. */
    public static final int FLUSH_PORT = 0xe4;
    /** {@link #latch()} once more. */
    public static final int BYTE_LATCH_PORT = 0xe8;
    public static final int LATCH_PORTS = 4;
    /** {@link #interrupts()}: as many ports as there are lines. */
    public static final int INTERRUPT_PORT = 0x2000;
    /** {@link #memory()}. */
    public static final long MEMORY_ADDRESS = 0xff00_0000L;
    public static final int MEMORY_SIZE = 0x10000;

    private static final int STATE_VERSION = 1;
    private static final long PAGE_MASK = 0xffff_f000L;
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final PageProtector protector;
    private final IrqLine[] lines;
    /** The levels to which the guest drives the lines. */
    private final boolean[] levels;
    private final byte[] latchBytes = new byte[LATCH_PORTS];
    private final byte[] memoryBytes = new byte[MEMORY_SIZE];
    private final Bytes latch = new Bytes(latchBytes);
    private final Bytes memory = new Bytes(memoryBytes);

    /** @param lines global interrupts, line n at port 0x2000 + n */
    public PcTestdev(String name, PageProtector protector, IrqLine[] lines) {
        this.name = name;
        this.protector = protector;
        this.lines = lines.clone();
        this.levels = new boolean[lines.length];
    }

    /** The latch. Both windows take accesses of any size; that the second splits them into bytes cannot be seen. */
    public IoHandler latch() {
        return latch;
    }

    /** Reads 0; the page whose address is written is made inaccessible and accessible again. */
    public IoHandler flush() {
        return new IoHandler() {
            @Override
            public long read(long offset, int size) {
                return 0;
            }

            @Override
            public void write(long offset, int size, long value) {
                protector.revokeAndRestore(value & PAGE_MASK);
            }
        };
    }

    /** Reads 0; writing to port n drives line n: low for zero, high for all else. */
    public IoHandler interrupts() {
        return new IoHandler() {
            @Override
            public long read(long offset, int size) {
                return 0;
            }

            @Override
            public void write(long offset, int size, long value) {
                if (offset < lines.length) {
                    drive((int) offset, value != 0);
                }
            }
        };
    }

    private synchronized void drive(int line, boolean level) {
        levels[line] = level;
        lines[line].set(level);
    }

    /** Memory that is no RAM: each access is an exit. */
    public IoHandler memory() {
        return memory;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized void reset() {
        Arrays.fill(latchBytes, (byte) 0);
        Arrays.fill(memoryBytes, (byte) 0);
        for (int i = 0; i < lines.length; i++) {
            drive(i, false);
        }
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBytes("latch", latchBytes);
        out.putBytes("memory", memoryBytes);
        for (boolean level : levels) {
            out.putBoolean("level", level);
        }
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        System.arraycopy(in.getBytes("latch", LATCH_PORTS), 0, latchBytes, 0, LATCH_PORTS);
        System.arraycopy(in.getBytes("memory", MEMORY_SIZE), 0, memoryBytes, 0, MEMORY_SIZE);
        for (int i = 0; i < lines.length; i++) {
            drive(i, in.getBoolean("level"));
        }
    }

    /** Bytes that can be read and written at any offset; accesses past the end read all ones and write nothing. */
    private final class Bytes implements IoHandler {
        private final byte[] bytes;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long read(long offset, int size) {
            if (offset + size > bytes.length) {
                return -1;
            }
            int at = (int) offset;
            synchronized (PcTestdev.this) {
                return switch (size) {
                    case 1 -> bytes[at];
                    case 2 -> (short) SHORT.get(bytes, at);
                    case 4 -> (int) INT.get(bytes, at);
                    default -> (long) LONG.get(bytes, at);
                };
            }
        }

        @Override
        public void write(long offset, int size, long value) {
            if (offset + size > bytes.length) {
                return;
            }
            int at = (int) offset;
            synchronized (PcTestdev.this) {
                switch (size) {
                    case 1 -> bytes[at] = (byte) value;
                    case 2 -> SHORT.set(bytes, at, (short) value);
                    case 4 -> INT.set(bytes, at, (int) value);
                    default -> LONG.set(bytes, at, value);
                }
            }
        }
    }
}
