package jkvm.soft.kvm;

import java.util.Arrays;
import java.util.List;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.soft.cpu.CpuidLeaves;
import jkvm.soft.cpu.CpuidModel;

/** CPUID tables of the API: the supported one, and a vCPU's own (KVM API 4.20, 4.46). */
final class CpuidTable {
    private static final int MAX_ENTRIES = 256;
    /** Integers of an entry: seven that mean something, three of padding. */
    private static final int WORDS = (int) KvmCpuidEntry2.SIZE / Integer.BYTES;

    private int[] rows = {};

    /** KVM_GET_SUPPORTED_CPUID. The number of entries is told only where they fit. */
    static long supported(long address, ProcessMemory memory) {
        List<int[]> all = CpuidModel.supported();
        if (Integer.compareUnsigned(ProcessMemory.getInt(address + KvmCpuid2.NENT_OFFSET), all.size()) < 0) {
            return NegatedErrno.E2BIG;
        }
        if (!memory.isWritable(address, KvmCpuid2.ENTRIES_OFFSET + all.size() * KvmCpuidEntry2.SIZE)) {
            return NegatedErrno.EFAULT;
        }
        for (int i = 0; i < all.size(); i++) {
            write(address, i, all.get(i), 0);
        }
        ProcessMemory.setInt(address + KvmCpuid2.NENT_OFFSET, all.size());
        return 0;
    }

    private static void write(long address, int entry, int[] row, int from) {
        long place = address + KvmCpuid2.ENTRIES_OFFSET + entry * KvmCpuidEntry2.SIZE;
        for (int i = 0; i < WORDS; i++) {
            ProcessMemory.setInt(place + i * 4L, i < CpuidLeaves.ROW ? row[from + i] : 0);
        }
    }

    /** KVM_GET_CPUID2. The number of entries is not told at all. */
    long get(long address, ProcessMemory memory) {
        int count = rows.length / CpuidLeaves.ROW;
        if (Integer.compareUnsigned(ProcessMemory.getInt(address + KvmCpuid2.NENT_OFFSET), count) < 0) {
            return NegatedErrno.E2BIG;
        }
        if (!memory.isWritable(address, KvmCpuid2.ENTRIES_OFFSET + count * KvmCpuidEntry2.SIZE)) {
            return NegatedErrno.EFAULT;
        }
        for (int i = 0; i < count; i++) {
            write(address, i, rows, i * CpuidLeaves.ROW);
        }
        return 0;
    }

    /**
     * KVM_SET_CPUID2.
     *
     * @param fixed the vCPU has run: only the table that it has is taken
     */
    long set(long address, ProcessMemory memory, boolean fixed) {
        int count = ProcessMemory.getInt(address + KvmCpuid2.NENT_OFFSET);
        if (Integer.compareUnsigned(count, MAX_ENTRIES) > 0) {
            return NegatedErrno.E2BIG;
        }
        if (!memory.isReadable(address, KvmCpuid2.ENTRIES_OFFSET + count * KvmCpuidEntry2.SIZE)) {
            return NegatedErrno.EFAULT;
        }
        int[] table = new int[count * CpuidLeaves.ROW];
        for (int i = 0; i < table.length; i++) {
            int entry = i / CpuidLeaves.ROW;
            table[i] = ProcessMemory.getInt(address + KvmCpuid2.ENTRIES_OFFSET + entry * KvmCpuidEntry2.SIZE
                    + i % CpuidLeaves.ROW * 4L);
        }
        if (fixed) {
            return Arrays.equals(table, rows) ? 0 : NegatedErrno.EINVAL;
        }
        rows = table;
        return 0;
    }

    /** A copy for the processor. */
    int[] rows() {
        return rows.clone();
    }
}
