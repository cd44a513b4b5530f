package jkvm.soft.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The processor models that the KVM in Java can show: {@link #supported()} is all that it has
 * (KVM_GET_SUPPORTED_CPUID), {@link #qemu64()} QEMU's basic model. AMD's vendor name, since undefined results follow
 * AMD's silicon.
 *
 * <p>The full model calls itself family 19h: Linux knows no erratum of it that a hypervisor's guest would have to work
 * around. It says that it does not speculate, which is true and spares a guest's kernel the costs of that.
 */
public final class CpuidModel {
    /**
     * Where each {@link Feature} stands: leaf, subleaf, register (0 EAX to 3 EDX), bit, number of the feature's bit.
     */
    static final int[][] BITS = {
        {1, 0, 3, 0, 32}, {1, 0, 3, 4, 37}, {1, 0, 3, 5, 38}, {1, 0, 3, 8, 1}, {1, 0, 3, 11, 18}, {1, 0, 3, 15, 0},
        {1, 0, 3, 19, 14}, {1, 0, 3, 23, 31}, {1, 0, 3, 24, 20}, {1, 0, 3, 25, 21}, {1, 0, 3, 26, 22},
        {1, 0, 2, 0, 23}, {1, 0, 2, 1, 29}, {1, 0, 2, 3, 34}, {1, 0, 2, 9, 24}, {1, 0, 2, 13, 2}, {1, 0, 2, 17, 49},
        {1, 0, 2, 19, 25}, {1, 0, 2, 20, 26}, {1, 0, 2, 22, 7}, {1, 0, 2, 23, 3}, {1, 0, 2, 25, 28}, {1, 0, 2, 26, 19},
        {1, 0, 2, 28, 43}, {1, 0, 2, 30, 9},
        {7, 0, 1, 0, 11}, {7, 0, 1, 3, 5}, {7, 0, 1, 5, 44}, {7, 0, 1, 7, 46}, {7, 0, 1, 8, 6}, {7, 0, 1, 10, 13},
        {7, 0, 1, 18, 10}, {7, 0, 1, 19, 8}, {7, 0, 1, 20, 35}, {7, 0, 1, 23, 15}, {7, 0, 1, 24, 16}, {7, 0, 1, 29, 30},
        {7, 0, 2, 2, 47}, {7, 0, 2, 16, 51}, {7, 0, 2, 22, 36},
        {0x80000001, 0, 3, 11, 17}, {0x80000001, 0, 3, 20, 48}, {0x80000001, 0, 3, 27, 12}, {0x80000001, 0, 3, 29, 39},
        {0x80000001, 0, 2, 0, 33}, {0x80000001, 0, 2, 5, 4}, {0x80000001, 0, 2, 6, 27}, {0x80000001, 0, 2, 8, 50},
        {0xD, 1, 0, 0, 40}, {0xD, 1, 0, 1, 41}, {0xD, 1, 0, 2, 52}, {0xD, 1, 0, 3, 42}, {0x80000008, 0, 1, 0, 45},
    };
    /** Features that this processor executes. */
    public static final long SUPPORTED = Feature.ALL & ~(Feature.AVX | Feature.AVX2 | Feature.SSE4A | Feature.MONITOR
            | Feature.CLZERO | Feature.XSAVES);
    private static final long QEMU64 = Feature.FPU | Feature.TSC | Feature.MSR | Feature.CX8 | Feature.SYSENTER
            | Feature.CMOV | Feature.CLFLUSH | Feature.MMX | Feature.FXSR | Feature.SSE | Feature.SSE2 | Feature.SSE3
            | Feature.CX16 | Feature.SYSCALL | Feature.NX | Feature.LONG_MODE | Feature.LAHF64;
    /** Of leaf 1, EDX: VME, DE, PSE, PAE, MCE, APIC, MTRR, PGE, MCA, PAT, PSE36. */
    private static final int PLATFORM = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 7 | 1 << 9 | 1 << 12 | 1 << 13
            | 1 << 14 | 1 << 16 | 1 << 17;
    private static final int X2APIC = 1 << 21, TSC_DEADLINE = 1 << 24, HYPERVISOR = 1 << 31;
    private static final int TSC_ADJUST = 1 << 1, FAST_STRINGS = 1 << 9, ARCH_CAPABILITIES = 1 << 29;
    /** Of 80000001, EDX: the bits that repeat leaf 1's; then MMXEXT, FXSR_OPT, 1 GiB pages. */
    private static final int REPEATED = 0x0183F3FF, EXTENDED_PLATFORM = 1 << 22 | 1 << 25 | 1 << 26;
    private static final int INVARIANT_TSC = 1 << 8, ARAT = 1 << 2;
    /** Of 80000008, EBX: IBRS is there and always on; loads do not bypass stores. */
    private static final int IBRS = 1 << 14, SSB_NO = 1 << 26;
    /** Of 80000021: LFENCE serialises, a null selector clears the base, no SRSO; no TSA. */
    private static final int NO_ODDITIES = 1 << 2 | 1 << 6 | 1 << 29, NO_TSA = 3 << 1;
    private static final int FAMILY_19 = 0x00A20F10, FAMILY_0F = 0x00060FB1;
    private static final int SIGNIFICANT_INDEX = 1;
    private static final String BRAND = "jkvm KVM in Java", QEMU_BRAND = "QEMU Virtual CPU version 2.5+";
    /** The KVM leaves: kvmclock of both kinds, no delays needed at ports, PV EOI, stable clock. */
    private static final int KVM_LEAF = 0x40000000, KVM_FEATURES = 1 | 1 << 1 | 1 << 3 | 1 << 6 | 1 << 24;

    private final List<int[]> rows = new ArrayList<>();
    private final long features;

    private CpuidModel(long features) {
        this.features = features;
    }

    /** All that this processor has: rows as {@link CpuidLeaves} takes them. */
    public static List<int[]> supported() {
        CpuidModel model = new CpuidModel(SUPPORTED);
        model.vendor(0, 0xD);
        model.row(1, 0, 0, FAMILY_19, 8 << 8, HYPERVISOR | X2APIC | TSC_DEADLINE, PLATFORM);
        model.row(6, 0, 0, ARAT, 0, 0, 0);
        model.row(7, 0, SIGNIFICANT_INDEX, 0, TSC_ADJUST | FAST_STRINGS, 0, ARCH_CAPABILITIES);
        model.row(0xD, 0, SIGNIFICANT_INDEX, 3, 576, 576, 0);
        model.row(0xD, 1, SIGNIFICANT_INDEX, 0, 576, 0, 0);
        model.kvmLeaves();
        model.extended(0x80000021, FAMILY_19, EXTENDED_PLATFORM, BRAND);
        model.row(0x80000007, 0, 0, 0, 0, 0, INVARIANT_TSC);
        // With LA57 linear addresses have 57 bits: Linux takes what is wider than said here for not canonical.
        model.row(0x80000008, 0, 0, 57 << 8 | 40, IBRS | SSB_NO, 0, 0);
        model.row(0x80000021, 0, 0, NO_ODDITIES, 0, NO_TSA, 0);
        return model.finish();
    }

    /** QEMU's {@code qemu64}. */
    public static List<int[]> qemu64() {
        CpuidModel model = new CpuidModel(QEMU64);
        model.vendor(0, 0xD);
        model.row(1, 0, 0, FAMILY_0F, 8 << 8, HYPERVISOR | X2APIC, PLATFORM & ~(1 << 1));
        model.kvmLeaves();
        model.extended(0x80000008, FAMILY_0F, 0, QEMU_BRAND);
        model.row(0x80000008, 0, 0, 48 << 8 | 40, 0, 0, 0);
        return model.finish();
    }

    private void row(int leaf, int subleaf, int flags, int a, int b, int c, int d) {
        rows.add(new int[] {leaf, subleaf, flags, a, b, c, d});
    }

    private void vendor(int leaf, int last) {
        ByteBuffer name = ascii("AuthenticAMD", 12);
        row(leaf, 0, 0, last, name.getInt(0), name.getInt(8), name.getInt(4));
    }

    private void kvmLeaves() {
        ByteBuffer name = ascii("KVMKVMKVM", 12);
        row(KVM_LEAF, 0, 0, KVM_LEAF + 1, name.getInt(0), name.getInt(4), name.getInt(8));
        row(KVM_LEAF + 1, 0, 0, KVM_FEATURES, 0, 0, 0);
    }

    private void extended(int last, int family, int more, String brand) {
        vendor(0x80000000, last);
        row(0x80000001, 0, 0, family, 0, 0, more);
        ByteBuffer text = ascii(brand, 48);
        for (int i = 0; i < 3; i++) {
            row(0x80000002 + i, 0, 0, text.getInt(16 * i), text.getInt(16 * i + 4), text.getInt(16 * i + 8),
                    text.getInt(16 * i + 12));
        }
        row(0x80000005, 0, 0, 0x01FF01FF, 0x01FF01FF, 0x40020140, 0x40020140);
        row(0x80000006, 0, 0, 0, 0x42004200, 0x02008140, 0);
    }

    private static ByteBuffer ascii(String text, int size) {
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        return buffer.put(0, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Sets the bits of the features, and repeats leaf 1's in AMD's extended leaf. */
    private List<int[]> finish() {
        for (int[] bit : BITS) {
            int[] row = find(bit[0], bit[1]);
            if (row != null && (features >>> bit[4] & 1) != 0) {
                row[3 + bit[2]] |= 1 << bit[3];
            }
        }
        find(0x80000001, 0)[6] |= find(1, 0)[6] & REPEATED;
        return rows;
    }

    private int[] find(int leaf, int subleaf) {
        for (int[] row : rows) {
            if (row[0] == leaf && row[1] == subleaf) {
                return row;
            }
        }
        return null;
    }

    /** Bytes of the XSAVE area for the state that XCR0 enables, in the standard form. */
    static int extendedStateSize(long xcr0) {
        return (xcr0 & 4) != 0 ? 832 : 576;
    }
}
