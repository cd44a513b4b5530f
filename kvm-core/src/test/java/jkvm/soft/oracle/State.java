package jkvm.soft.oracle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Everything a snippet may see or change; with {@link #vector} and its companions also how it ended. */
final class State {
    /** Offsets in {@link #fx}. */
    static final int FCW = 0, FSW = 2, FTW = 4, FOP = 6, FIP = 8, FDP = 16, MXCSR = 24, ST = 32, XMM = 160,
            FX_SIZE = 416;
    static final int YMM_SIZE = 256;
    /** {@link #vector}: the snippet came to its end. */
    static final int COMPLETE = -1;
    /** {@link #vector}: it was still running after at least 50 ms of processor time. */
    static final int ENDLESS = -2;
    /** {@link #vector}: the child was killed by a signal that it does not know, or the soft CPU ended otherwise. */
    static final int OTHER = -3;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15. */
    final long[] r = new long[16];
    long rip;
    long flags;
    int cs, ss, ds, es, fs, gs;
    long fsBase, gsBase;
    /** The first bytes of an FXSAVE image with 64-bit pointers. */
    final byte[] fx = new byte[FX_SIZE];
    /** Upper halves of YMM0 to YMM15. */
    final byte[] ymm = new byte[YMM_SIZE];
    /** The low window, then the high one. */
    final byte[] memory = new byte[Windows.MEMORY_SIZE];

    /** The exception's vector, or one of the constants. */
    int vector = COMPLETE;
    /** The exception's error code, 0 without one. */
    long error;
    /** The address of a page fault. */
    long cr2;
    /** Further notes for reports. */
    String note = "";

    void copy(State other) {
        System.arraycopy(other.r, 0, r, 0, r.length);
        rip = other.rip;
        flags = other.flags;
        cs = other.cs;
        ss = other.ss;
        ds = other.ds;
        es = other.es;
        fs = other.fs;
        gs = other.gs;
        fsBase = other.fsBase;
        gsBase = other.gsBase;
        System.arraycopy(other.fx, 0, fx, 0, fx.length);
        System.arraycopy(other.ymm, 0, ymm, 0, ymm.length);
        System.arraycopy(other.memory, 0, memory, 0, memory.length);
        vector = other.vector;
        error = other.error;
        cr2 = other.cr2;
        note = other.note;
    }

    void clear() {
        copy(new State());
    }

    /** Eight bytes of the memory that an address stands for; 0 outside the windows. */
    long peek(long address) {
        int at = index(address);
        return at < 0 ? 0 : (long) LONG.get(memory, at);
    }

    /** Sets bytes of the memory; none if eight bytes at the address are not all in one window. */
    void poke(long address, long value, int size) {
        int at = index(address);
        for (int i = 0; at >= 0 && i < size; i++) {
            memory[at + i] = (byte) (value >> 8 * i);
        }
    }

    /** Where eight bytes at this address are in {@link #memory}; -1 if they are not all in one window. */
    private static int index(long address) {
        if (address >= Windows.LOW && address <= Windows.LOW + Windows.LOW_SIZE - 8) {
            return (int) address - Windows.LOW;
        }
        if (address >= Windows.HIGH && address <= Windows.HIGH + Windows.HIGH_SIZE - 8) {
            return (int) address - Windows.HIGH + Windows.LOW_SIZE;
        }
        return -1;
    }
}
