package jkvm.abi;

import java.util.Objects;

/**
 * {@code struct kvm_cpuid2} with its entries: what a vCPU's CPUID instruction answers (KVM API 4.46,
 * KVM_GET_SUPPORTED_CPUID).
 */
public final class KvmCpuid2 extends KvmStruct {
    public static final long SIZE = 8;
    public static final long NENT_OFFSET = 0;
    public static final long ENTRIES_OFFSET = 8;
    private final int capacity;

    /** Room for {@code capacity} entries, all of them in use and zero. */
    public KvmCpuid2(int capacity) {
        super(allocate(SIZE + capacity * KvmCpuidEntry2.SIZE));
        this.capacity = capacity;
        nent(capacity);
    }

    /** Entries in use. */
    public int nent() {
        return getInt(NENT_OFFSET);
    }

    public void nent(int value) {
        setInt(NENT_OFFSET, value);
    }

    /** Entries that there is room for. */
    public int capacity() {
        return capacity;
    }

    /** A view of entry {@code i}; changes go into this struct. */
    public KvmCpuidEntry2 entry(int i) {
        long offset = ENTRIES_OFFSET + Objects.checkIndex(i, capacity) * KvmCpuidEntry2.SIZE;
        return new KvmCpuidEntry2(segment().asSlice(offset, KvmCpuidEntry2.SIZE));
    }

    /** The entry in use for a leaf and, where the leaf has subleaves, for a subleaf; null if there is none. */
    public KvmCpuidEntry2 find(int function, int index) {
        int used = nent();
        for (int i = 0; i < used; i++) {
            // No view of the entries that are not meant: the JVM interprets this while it starts.
            long entryOffset = element(ENTRIES_OFFSET, i, capacity, KvmCpuidEntry2.SIZE);
            if (getInt(entryOffset + KvmCpuidEntry2.FUNCTION_OFFSET) != function) {
                continue;
            }
            KvmCpuidEntry2 entry = entry(i);
            if ((entry.flags() & KvmCpuidEntry2.SIGNIFICANT_INDEX) == 0 || entry.index() == index) {
                return entry;
            }
        }
        return null;
    }

    /** A copy with room for {@code extra} more entries, which are not in use yet. */
    public KvmCpuid2 copy(int extra) {
        KvmCpuid2 copy = new KvmCpuid2(nent() + extra);
        copy.nent(nent());
        for (int i = 0; i < nent(); i++) {
            copy.entry(i).copy(entry(i));
        }
        return copy;
    }

    /**
     * Takes one more entry into use: zeroed, for a leaf without subleaves.
     *
     * @throws IndexOutOfBoundsException if there is no room left
     */
    public KvmCpuidEntry2 add(int function) {
        KvmCpuidEntry2 entry = entry(nent());
        entry.segment().fill((byte) 0);
        entry.function(function);
        nent(nent() + 1);
        return entry;
    }
}
