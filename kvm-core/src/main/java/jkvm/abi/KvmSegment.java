package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_segment}: a segment register with its hidden part. Lies inside {@link KvmSregs}. */
public final class KvmSegment extends KvmStruct {
    public static final long SIZE = 24;
    public static final long BASE_OFFSET = 0;
    public static final long LIMIT_OFFSET = 8;
    public static final long SELECTOR_OFFSET = 12;
    public static final long TYPE_OFFSET = 14;
    public static final long PRESENT_OFFSET = 15;
    public static final long DPL_OFFSET = 16;
    public static final long DB_OFFSET = 17;
    public static final long S_OFFSET = 18;
    public static final long L_OFFSET = 19;
    public static final long G_OFFSET = 20;
    public static final long AVL_OFFSET = 21;
    public static final long UNUSABLE_OFFSET = 22;

    KvmSegment(MemorySegment segment) {
        super(segment);
    }

    public long base() {
        return getLong(BASE_OFFSET);
    }

    public void base(long value) {
        setLong(BASE_OFFSET, value);
    }

    /** The limit in bytes, whatever the granularity bit says. */
    public int limit() {
        return getInt(LIMIT_OFFSET);
    }

    public void limit(int value) {
        setInt(LIMIT_OFFSET, value);
    }

    public int selector() {
        return Short.toUnsignedInt(getShort(SELECTOR_OFFSET));
    }

    public void selector(int value) {
        setShort(SELECTOR_OFFSET, (short) value);
    }

    /** The descriptor's type field: 0xB accessed code, 0x3 accessed writable data, 0xB busy TSS, 0x2 LDT. */
    public int type() {
        return getByte(TYPE_OFFSET);
    }

    public void type(int value) {
        setByte(TYPE_OFFSET, (byte) value);
    }

    public boolean isPresent() {
        return getByte(PRESENT_OFFSET) != 0;
    }

    public void present(boolean value) {
        setBoolean(PRESENT_OFFSET, value);
    }

    public int dpl() {
        return getByte(DPL_OFFSET);
    }

    public void dpl(int value) {
        setByte(DPL_OFFSET, (byte) value);
    }

    /** Default operand size: true for 32 bits. */
    public boolean isDb() {
        return getByte(DB_OFFSET) != 0;
    }

    public void db(boolean value) {
        setBoolean(DB_OFFSET, value);
    }

    /** True for code and data, false for system segments. */
    public boolean isS() {
        return getByte(S_OFFSET) != 0;
    }

    public void s(boolean value) {
        setBoolean(S_OFFSET, value);
    }

    /** 64-bit code. */
    public boolean isL() {
        return getByte(L_OFFSET) != 0;
    }

    public void l(boolean value) {
        setBoolean(L_OFFSET, value);
    }

    /** Limit in pages. */
    public boolean isG() {
        return getByte(G_OFFSET) != 0;
    }

    public void g(boolean value) {
        setBoolean(G_OFFSET, value);
    }

    public boolean isAvl() {
        return getByte(AVL_OFFSET) != 0;
    }

    public void avl(boolean value) {
        setBoolean(AVL_OFFSET, value);
    }

    public boolean isUnusable() {
        return getByte(UNUSABLE_OFFSET) != 0;
    }

    public void unusable(boolean value) {
        setBoolean(UNUSABLE_OFFSET, value);
    }

    private void setBoolean(long offset, boolean value) {
        setByte(offset, (byte) (value ? 1 : 0));
    }
}
