package jkvm.abi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct kvm_run}: the memory that a vCPU shares with the kernel (KVM API chapter 5). Only the thread that runs
 * the vCPU may use it, but for {@link #immediateExit(boolean)}, which is there for others.
 *
 * <pre>
 *   0 request_interrupt_window   1 immediate_exit            8 exit_reason
 *  12 ready_for_interrupt       13 if_flag   14 flags       16 cr8   24 apic_base
 *  32 the exit's own fields (256 bytes)
 * 288 kvm_valid_regs           296 kvm_dirty_regs          304 shared registers (2048 bytes)
 * </pre>
 */
public final class KvmRun extends KvmRunExit {
    public static final long SIZE = 2352;
    public static final long REQUEST_INTERRUPT_WINDOW_OFFSET = 0;
    public static final long IMMEDIATE_EXIT_OFFSET = 1;
    public static final long EXIT_REASON_OFFSET = 8;
    public static final long READY_FOR_INTERRUPT_INJECTION_OFFSET = 12;
    public static final long IF_FLAG_OFFSET = 13;
    public static final long FLAGS_OFFSET = 14;
    public static final long CR8_OFFSET = 16;
    public static final long APIC_BASE_OFFSET = 24;
    /** Where the fields of the exit itself begin. */
    public static final long EXIT_OFFSET = 32;
    public static final long IO_DIRECTION_OFFSET = 32;
    public static final long IO_SIZE_OFFSET = 33;
    public static final long IO_PORT_OFFSET = 34;
    public static final long IO_COUNT_OFFSET = 36;
    public static final long IO_DATA_OFFSET_OFFSET = 40;
    public static final long MMIO_PHYS_ADDR_OFFSET = 32;
    public static final long MMIO_DATA_OFFSET = 40;
    public static final long MMIO_LEN_OFFSET = 48;
    public static final long MMIO_IS_WRITE_OFFSET = 52;
    public static final long VALID_REGS_OFFSET = 288;
    public static final long DIRTY_REGS_OFFSET = 296;
    public static final long SYNC_REGS_OFFSET = 304;
    public static final long SYNC_SREGS_OFFSET = 448;
    public static final long SYNC_EVENTS_OFFSET = 760;
    /** In {@link #flags()}: the guest is in system management mode; it locked the bus; it runs a nested guest. */
    public static final int FLAG_SMM = 1, FLAG_BUS_LOCK = 2, FLAG_GUEST_MODE = 4;
    /** Classes of shared registers. */
    public static final int SYNC_REGS = 1, SYNC_SREGS = 2, SYNC_EVENTS = 4;

    /** @param segment the whole mapping of the vCPU: the struct and the pages for port data after it */
    public KvmRun(MemorySegment segment) {
        super(segment);
    }

    /** Makes the next or the current KVM_RUN return at once. Any thread may set it. */
    public void immediateExit(boolean value) {
        setByte(IMMEDIATE_EXIT_OFFSET, (byte) (value ? 1 : 0));
    }

    /** Asks for {@link KvmExit#IRQ_WINDOW_OPEN} as soon as the guest can take an interrupt. */
    public void requestInterruptWindow(boolean value) {
        setByte(REQUEST_INTERRUPT_WINDOW_OFFSET, (byte) (value ? 1 : 0));
    }

    public boolean isReadyForInterruptInjection() {
        return getByte(READY_FOR_INTERRUPT_INJECTION_OFFSET) != 0;
    }

    /** The guest's interrupt flag at the exit. */
    public boolean isInterruptFlagSet() {
        return getByte(IF_FLAG_OFFSET) != 0;
    }

    /** The reason for which the guest stopped, one of {@link KvmExit}. */
    public int exitReason() {
        return getInt(EXIT_REASON_OFFSET);
    }

    public long cr8() {
        return getLong(CR8_OFFSET);
    }

    public void cr8(long value) {
        setLong(CR8_OFFSET, value);
    }

    public long apicBase() {
        return getLong(APIC_BASE_OFFSET);
    }

    /** FLAG_ bits of this class. */
    public int flags() {
        return Short.toUnsignedInt(getShort(FLAGS_OFFSET));
    }

    /** Which registers the kernel copies here at each exit: SYNC_ bits of this class. */
    public void validRegs(long classes) {
        setLong(VALID_REGS_OFFSET, classes);
    }

    /** Which registers the kernel takes from here at the next entry: SYNC_ bits of this class. It clears them then. */
    public void dirtyRegs(long classes) {
        setLong(DIRTY_REGS_OFFSET, classes);
    }

    public long dirtyRegs() {
        return getLong(DIRTY_REGS_OFFSET);
    }

    /** The shared general purpose registers. */
    public KvmRegs syncRegs() {
        return new KvmRegs(segment().asSlice(SYNC_REGS_OFFSET, KvmRegs.SIZE));
    }

    /** The shared special registers. */
    public KvmSregs syncSregs() {
        return new KvmSregs(segment().asSlice(SYNC_SREGS_OFFSET, KvmSregs.SIZE));
    }

    /** The shared events. */
    public KvmVcpuEvents syncEvents() {
        return new KvmVcpuEvents(segment().asSlice(SYNC_EVENTS_OFFSET, KvmVcpuEvents.SIZE));
    }

    /** {@link KvmExit#IO}: the guest writes. */
    public boolean isIoOut() {
        return getByte(IO_DIRECTION_OFFSET) != 0;
    }

    /** {@link KvmExit#IO}: bytes of one access: 1, 2 or 4. */
    public int ioSize() {
        return getByte(IO_SIZE_OFFSET);
    }

    /** {@link KvmExit#IO}: the port, 0 to 0xFFFF. */
    public int ioPort() {
        return Short.toUnsignedInt(getShort(IO_PORT_OFFSET));
    }

    /** {@link KvmExit#IO}: how many accesses to the same port, more than one for a string instruction. */
    public int ioCount() {
        return getInt(IO_COUNT_OFFSET);
    }

    /** {@link KvmExit#IO}: where in this memory the data of the first access lie. */
    public long ioDataOffset() {
        return getLong(IO_DATA_OFFSET_OFFSET);
    }

    /** {@link KvmExit#MMIO}: the guest physical address. */
    public long mmioAddress() {
        return getLong(MMIO_PHYS_ADDR_OFFSET);
    }

    /** {@link KvmExit#MMIO}: bytes, 1 to 8. */
    public int mmioSize() {
        return getInt(MMIO_LEN_OFFSET);
    }

    public boolean isMmioWrite() {
        return getByte(MMIO_IS_WRITE_OFFSET) != 0;
    }

    /** A little-endian value of 1 to 8 bytes at {@code offset} of this memory, zero-extended. */
    public long data(long offset, int size) {
        return switch (size) {
            case 1 -> Byte.toUnsignedLong(getByte(offset));
            case 2 -> Short.toUnsignedLong(segment().get(ValueLayout.JAVA_SHORT_UNALIGNED, offset));
            case 4 -> Integer.toUnsignedLong(segment().get(ValueLayout.JAVA_INT_UNALIGNED, offset));
            case 8 -> segment().get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
            default -> bytes(offset, size);
        };
    }

    private long bytes(long offset, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= Byte.toUnsignedLong(getByte(offset + i)) << 8 * i;
        }
        return value;
    }

    /** Sets a little-endian value of 1 to 8 bytes at {@code offset} of this memory. */
    public void data(long offset, int size, long value) {
        switch (size) {
            case 1 -> setByte(offset, (byte) value);
            case 2 -> segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, (short) value);
            case 4 -> segment().set(ValueLayout.JAVA_INT_UNALIGNED, offset, (int) value);
            case 8 -> segment().set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
            default -> {
                for (int i = 0; i < size; i++) {
                    setByte(offset + i, (byte) (value >>> 8 * i));
                }
            }
        }
    }
}
