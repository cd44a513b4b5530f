package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_cpuid_entry2}: what CPUID answers for one leaf. Lies inside {@link KvmCpuid2}. */
public final class KvmCpuidEntry2 extends KvmStruct {
    public static final long SIZE = 40;
    public static final long FUNCTION_OFFSET = 0;
    public static final long INDEX_OFFSET = 4;
    public static final long FLAGS_OFFSET = 8;
    public static final long EAX_OFFSET = 12;
    public static final long EBX_OFFSET = 16;
    public static final long ECX_OFFSET = 20;
    public static final long EDX_OFFSET = 24;
    /** Flag: the leaf has subleaves. */
    public static final int SIGNIFICANT_INDEX = 1;

    KvmCpuidEntry2(MemorySegment segment) {
        super(segment);
    }

    /** The leaf, EAX on entry. */
    public int function() {
        return getInt(FUNCTION_OFFSET);
    }

    public void function(int value) {
        setInt(FUNCTION_OFFSET, value);
    }

    /** The subleaf, ECX on entry; counts only with {@link #SIGNIFICANT_INDEX}. */
    public int index() {
        return getInt(INDEX_OFFSET);
    }

    public void index(int value) {
        setInt(INDEX_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    public int eax() {
        return getInt(EAX_OFFSET);
    }

    public void eax(int value) {
        setInt(EAX_OFFSET, value);
    }

    public int ebx() {
        return getInt(EBX_OFFSET);
    }

    public void ebx(int value) {
        setInt(EBX_OFFSET, value);
    }

    public int ecx() {
        return getInt(ECX_OFFSET);
    }

    public void ecx(int value) {
        setInt(ECX_OFFSET, value);
    }

    public int edx() {
        return getInt(EDX_OFFSET);
    }

    public void edx(int value) {
        setInt(EDX_OFFSET, value);
    }

    /** Copies all fields. */
    public void copy(KvmCpuidEntry2 other) {
        copyFrom(other);
    }
}
