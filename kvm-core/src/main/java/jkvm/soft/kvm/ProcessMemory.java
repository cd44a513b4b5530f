package jkvm.soft.kvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import jkvm.linux.PageProbe;
import jkvm.linux.Syscalls;

/**
 * This process's memory by address, as the kernel sees it: a caller's arguments, and the memory that backs a slot.
 * The JVM does not survive an access to memory that is not there, so each page is asked for before it is used.
 */
final class ProcessMemory {
    static final long PAGE = 4096;
    /** End of the half of the address space that belongs to processes. */
    static final long USER_END = 0x7FFF_FFFF_F000L;
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final Syscalls host;

    ProcessMemory(Syscalls host) {
        this.host = host;
    }

    /** True if the whole range can be read now. */
    boolean isReadable(long address, long size) {
        return isAccessible(address, size, false);
    }

    /** True if the whole range can be written now. */
    boolean isWritable(long address, long size) {
        return isAccessible(address, size, true);
    }

    private boolean isAccessible(long address, long size, boolean write) {
        if (address < 0 || address >= USER_END || size > USER_END - address) {
            return false;
        }
        for (long page = address & -PAGE; page < address + size; page += PAGE) {
            if (!isPageAccessible(page, write)) {
                return false;
            }
        }
        return true;
    }

    /** Asks for one page, given by its aligned address. Costs one system call. */
    boolean isPageAccessible(long page, boolean write) {
        return PageProbe.isAccessible(host, page, write);
    }

    static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    /** A byte that another thread may change: is read again each time. */
    static byte getByteOpaque(long address) {
        return (byte) BYTE.getOpaque(ALL, address);
    }

    static void setByte(long address, int value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    static int getShort(long address) {
        return Short.toUnsignedInt(ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address));
    }

    static void setShort(long address, int value) {
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) value);
    }

    static int getInt(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    static void setInt(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    static int getIntAcquire(long address) {
        return (int) INT.getAcquire(ALL, address);
    }

    static void setIntRelease(long address, int value) {
        INT.setRelease(ALL, address, value);
    }

    static long getLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    static void setLong(long address, long value) {
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    /** A value of 1 to 8 bytes, zero-extended. */
    static long get(long address, int size) {
        switch (size) {
            case 1:
                return getByte(address) & 0xFF;
            case 2:
                return getShort(address);
            case 4:
                return getInt(address) & 0xFFFFFFFFL;
            case 8:
                return getLong(address);
            default:
                long value = 0;
                for (int i = 0; i < size; i++) {
                    value |= (getByte(address + i) & 0xFFL) << 8 * i;
                }
                return value;
        }
    }

    /** Stores a value of 1 to 8 bytes. */
    static void set(long address, int size, long value) {
        switch (size) {
            case 1 -> setByte(address, (int) value);
            case 2 -> setShort(address, (int) value);
            case 4 -> setInt(address, (int) value);
            case 8 -> setLong(address, value);
            default -> {
                for (int i = 0; i < size; i++) {
                    setByte(address + i, (int) (value >>> 8 * i));
                }
            }
        }
    }

    static void get(long address, byte[] target) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, target, 0, target.length);
    }

    static void put(long address, byte[] source) {
        MemorySegment.copy(source, 0, ALL, ValueLayout.JAVA_BYTE, address, source.length);
    }

    /** Memory at an address, for bulk copies. */
    static MemorySegment at(long address, long size) {
        return ALL.asSlice(address, size);
    }
}
