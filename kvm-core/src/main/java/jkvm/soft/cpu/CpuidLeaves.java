package jkvm.soft.cpu;

/**
 * The answers of a vCPU's CPUID: the table that user space has set (KVM_SET_CPUID2), and the few bits in it that follow
 * the processor's state. A leaf that is not there answers zeros, as KVM does for AMD's processors.
 */
public final class CpuidLeaves {
    /** Ints of a row: leaf, subleaf, flags as in {@code struct kvm_cpuid_entry2}, EAX, EBX, ECX, EDX. */
    public static final int ROW = 7;
    private static final int SIGNIFICANT_INDEX = 1;
    private static final int EAX = 3, EBX = 4, ECX = 5, EDX = 6;
    private static final int OSXSAVE = 1 << 27;

    private int[] rows = {};

    /** Takes a table over: {@link #ROW} ints for each entry. The caller gives the array away. */
    public void set(int[] table) {
        rows = table;
    }

    /** Index of the row, or -1. */
    private int find(int leaf, int subleaf) {
        for (int i = 0; i < rows.length; i += ROW) {
            if (rows[i] == leaf && ((rows[i + 2] & SIGNIFICANT_INDEX) == 0 || rows[i + 1] == subleaf)) {
                return i;
            }
        }
        return -1;
    }

    /** One register of a leaf: 0 EAX, 1 EBX, 2 ECX, 3 EDX. */
    public int value(int leaf, int subleaf, int register) {
        int row = find(leaf, subleaf);
        return row < 0 ? 0 : rows[row + EAX + register];
    }

    /** The instruction. */
    void execute(Cpu cpu) {
        int leaf = (int) cpu.r[Cpu.RAX];
        int subleaf = (int) cpu.r[Cpu.RCX];
        int row = find(leaf, subleaf);
        int b = row < 0 ? 0 : rows[row + EBX];
        int c = row < 0 ? 0 : rows[row + ECX];
        if (leaf == 1) {
            c = c & ~OSXSAVE | ((cpu.cr4 & Cpu.CR4_OSXSAVE) != 0 ? OSXSAVE & xsaveBit(c) : 0);
        } else if (leaf == 0xD && row >= 0 && subleaf < 2) {
            b = CpuidModel.extendedStateSize(cpu.xcr0);
        }
        cpu.r[Cpu.RAX] = row < 0 ? 0 : rows[row + EAX] & 0xFFFFFFFFL;
        cpu.r[Cpu.RBX] = b & 0xFFFFFFFFL;
        cpu.r[Cpu.RCX] = c & 0xFFFFFFFFL;
        cpu.r[Cpu.RDX] = row < 0 ? 0 : rows[row + EDX] & 0xFFFFFFFFL;
    }

    /** OSXSAVE is shown only beside XSAVE. */
    private static int xsaveBit(int c) {
        return (c & 1 << 26) != 0 ? OSXSAVE : 0;
    }

    /** The instructions that the table offers: bits of {@link Feature}. */
    public long features() {
        long features = 0;
        for (int[] bit : CpuidModel.BITS) {
            if ((value(bit[0], bit[1], bit[2]) >>> bit[3] & 1) != 0) {
                features |= 1L << bit[4];
            }
        }
        return features;
    }
}
