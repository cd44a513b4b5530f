package jkvm.machine.board;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;

/**
 * The CPU model {@code qemu64}: what every processor for 64 bits can do. Family 15, model 107, stepping 1, as in QEMU;
 * the vendor stays the host's, as in QEMU with KVM. Features that the accelerator does not offer stay off.
 */
final class Qemu64 {
    private static final int LAST_BASIC_LEAF = 0xD;
    private static final int LAST_EXTENDED_LEAF = 0x8000000A;
    private static final int SIGNATURE = 0x00060FB1;
    /** fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2. */
    private static final int LEAF_1_EDX = 0x078BFBFD;
    /** sse3 cx16 x2apic. */
    private static final int LEAF_1_ECX = 1 | 1 << 13 | 1 << 21;
    /** The bits of leaf 1 that AMD repeats, and syscall nx lm. */
    private static final int LEAF_80000001_EDX = LEAF_1_EDX & 0x0183F3FF | 1 << 11 | 1 << 20 | 1 << 29;
    private static final int LEAF_80000001_ECX = 1;
    private static final String BRAND = "QEMU Virtual CPU version 2.5+";
    private static final int BRAND_BYTES = 48;
    private static final int BRAND_BYTES_PER_LEAF = 16;

    private Qemu64() {
    }

    /** @param cpuid what the accelerator offers; becomes what the model has */
    static void restrict(KvmCpuid2 cpuid) {
        for (int i = 0; i < cpuid.nent(); i++) {
            restrict(cpuid.entry(i));
        }
    }

    private static void restrict(KvmCpuidEntry2 entry) {
        switch (entry.function()) {
            case 0 -> entry.eax(min(entry.eax(), LAST_BASIC_LEAF));
            case 1 -> {
                entry.eax(SIGNATURE);
                entry.ecx(entry.ecx() & LEAF_1_ECX);
                entry.edx(entry.edx() & LEAF_1_EDX);
            }
            // Caches and topology are the machine's; the XSAVE leaf counts only where a user switches XSAVE on.
            case 2, 4, 0xB, 0xD, 0x80000005, 0x80000006, 0x8000001D, 0x8000001E -> { }
            case 0x80000000 -> entry.eax(min(entry.eax(), LAST_EXTENDED_LEAF));
            case 0x80000001 -> {
                entry.eax(SIGNATURE);
                entry.ecx(entry.ecx() & LEAF_80000001_ECX);
                entry.edx(entry.edx() & LEAF_80000001_EDX);
            }
            case 0x80000002, 0x80000003, 0x80000004 -> brand(entry);
            case 0x80000008 -> entry.ebx(0);
            default -> {
                boolean isParavirtual = entry.function() >>> 28 == 4;
                if (!isParavirtual) {
                    clear(entry);
                }
            }
        }
    }

    private static int min(int leaf, int limit) {
        return Integer.compareUnsigned(leaf, limit) < 0 ? leaf : limit;
    }

    private static void brand(KvmCpuidEntry2 entry) {
        ByteBuffer text = ByteBuffer.allocate(BRAND_BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .put(0, BRAND.getBytes(StandardCharsets.US_ASCII));
        int offset = (entry.function() - 0x80000002) * BRAND_BYTES_PER_LEAF;
        entry.eax(text.getInt(offset));
        entry.ebx(text.getInt(offset + 4));
        entry.ecx(text.getInt(offset + 8));
        entry.edx(text.getInt(offset + 12));
    }

    private static void clear(KvmCpuidEntry2 entry) {
        entry.eax(0);
        entry.ebx(0);
        entry.ecx(0);
        entry.edx(0);
    }
}
