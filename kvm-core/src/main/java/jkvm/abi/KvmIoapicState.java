package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_ioapic_state}: the IOAPIC. Lies inside {@link KvmIrqchip}. */
public final class KvmIoapicState extends KvmStruct {
    public static final long SIZE = 216;
    public static final long BASE_ADDRESS_OFFSET = 0;
    public static final long IOREGSEL_OFFSET = 8;
    public static final long ID_OFFSET = 12;
    public static final long IRR_OFFSET = 16;
    public static final long REDIRTBL_OFFSET = 24;

    KvmIoapicState(MemorySegment segment) {
        super(segment);
    }

    public long baseAddress() {
        return getLong(BASE_ADDRESS_OFFSET);
    }

    public void baseAddress(long value) {
        setLong(BASE_ADDRESS_OFFSET, value);
    }

    public int ioregsel() {
        return getInt(IOREGSEL_OFFSET);
    }

    public void ioregsel(int value) {
        setInt(IOREGSEL_OFFSET, value);
    }

    public int id() {
        return getInt(ID_OFFSET);
    }

    public void id(int value) {
        setInt(ID_OFFSET, value);
    }

    public int irr() {
        return getInt(IRR_OFFSET);
    }

    public void irr(int value) {
        setInt(IRR_OFFSET, value);
    }

    /** Redirection entry {@code i}, 0 to 23, as in the data sheet of the 82093AA. */
    public long redirtbl(int i) {
        return getLong(element(REDIRTBL_OFFSET, i, 24, 8));
    }

    public void redirtbl(int i, long value) {
        setLong(element(REDIRTBL_OFFSET, i, 24, 8), value);
    }
}
