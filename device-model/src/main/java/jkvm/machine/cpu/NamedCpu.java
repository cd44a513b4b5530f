package jkvm.machine.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.machine.cpu.CpuDefinition.Cache;

/**
 * The CPUID leaves of a model by name, without features and without what is different for each vCPU: identity, brand,
 * caches, address sizes, and the forms of the extended state, which are the accelerator's. The values are those that a
 * guest reads on QEMU 7.2 (AMD APM volume 3, appendix E; SDM volume 2, CPUID).
 */
final class NamedCpu {
    private static final int CACHE = 4;
    private static final int TOPOLOGY = 0xB;
    private static final int EXTENDED_STATE = 0xD;
    private static final int KVM_SIGNATURE = 0x40000000;
    private static final int KVM_FEATURES = 0x40000001;
    private static final int EXTENDED = 0x80000000;
    private static final int BRAND = 0x80000002;
    private static final int BRAND_BYTES = 48;
    private static final int CACHE_WITH_TOPOLOGY = 0x8000001D;
    private static final int LAST_LEVEL = 3;
    /** 2 MiB, which contradicts leaf 4; so it is in QEMU. */
    private static final int USUAL_SECOND_LEVEL = 0x7D;
    private static final int CACHE_FLUSH_BYTES = 8 << 8;
    private static final int STATE_COMPONENTS = 32;
    private static final int MAX_ENTRIES = 128;
    /** 32 KiB of each kind of L1, 4 MiB of L2, 16 MiB of L3. */
    private static final List<Cache> USUAL = List.of(new Cache(8, 64), new Cache(8, 64), new Cache(16, 4096),
            new Cache(16, 16384));

    private final KvmCpuid2 leaves = new KvmCpuid2(MAX_ENTRIES);
    private final CpuDefinition definition;
    private final KvmCpuid2 offered;
    private final boolean isAmd;

    private NamedCpu(CpuDefinition definition, KvmCpuid2 offered, String vendor) {
        this.definition = definition;
        this.offered = offered;
        this.isAmd = vendor.equals(CpuIdentity.AMD);
        leaves.nent(0);
    }

    /**
     * Makes the leaves up to the last ones that there may be.
     *
     * @param offered  what the accelerator has
     * @param vendor   of the guest's processor
     * @param last     the last basic leaf
     * @param extended the last extended leaf, unsigned; zero for none
     */
    static KvmCpuid2 leaves(CpuDefinition definition, KvmCpuid2 offered, String vendor, int last, int extended) {
        NamedCpu cpu = new NamedCpu(definition, offered, vendor);
        for (int leaf = 0; leaf <= last; leaf++) {
            cpu.addBasic(leaf);
        }
        cpu.pass(KVM_SIGNATURE);
        cpu.pass(KVM_FEATURES);
        for (int leaf = EXTENDED; Integer.compareUnsigned(leaf, extended) <= 0; leaf++) {
            cpu.addExtended(leaf);
        }
        brand(cpu.leaves, definition.brand());
        return cpu.leaves;
    }

    /** Writes the processor's name into its three leaves, as far as they are there. */
    static void brand(KvmCpuid2 leaves, String brand) {
        byte[] name = Arrays.copyOf(brand.getBytes(StandardCharsets.US_ASCII), BRAND_BYTES);
        ByteBuffer text = ByteBuffer.wrap(name).order(ByteOrder.LITTLE_ENDIAN);
        for (int leaf = BRAND; text.hasRemaining(); leaf++) {
            for (CpuidRegister.Name register : CpuidRegister.Name.values()) {
                new CpuidRegister(leaf, 0, register).set(leaves, text.getInt());
            }
        }
    }

    private KvmCpuidEntry2 add(int leaf, int eax, int ebx, int ecx, int edx) {
        KvmCpuidEntry2 entry = leaves.add(leaf);
        entry.eax(eax);
        entry.ebx(ebx);
        entry.ecx(ecx);
        entry.edx(edx);
        return entry;
    }

    private void addSub(int leaf, int index, int eax, int ebx, int ecx, int edx) {
        KvmCpuidEntry2 entry = add(leaf, eax, ebx, ecx, edx);
        entry.index(index);
        entry.flags(KvmCpuidEntry2.SIGNIFICANT_INDEX);
    }

    private void pass(int leaf) {
        KvmCpuidEntry2 entry = offered.find(leaf, 0);
        if (entry != null) {
            leaves.add(leaf).copy(entry);
        }
    }

    private void addBasic(int leaf) {
        switch (leaf) {
            case 1 -> add(leaf, 0, CACHE_FLUSH_BYTES, 0, 0);
            case 2 -> add(leaf, isAmd ? 0 : 1, 0, isAmd ? 0 : descriptor(LAST_LEVEL), isAmd ? 0
                    : descriptor(0) << 16 | descriptor(1) << 8 | (isUsual() ? USUAL_SECOND_LEVEL : descriptor(2)));
            case CACHE -> {
                for (int i = 0; i <= LAST_LEVEL; i++) {
                    addCache(leaf, i, isUsual() ? 1 : i == 2 ? 0 : 1);
                }
            }
            // The smallest and the largest line of MONITOR are not told; its interrupts are.
            case 5 -> add(leaf, 0, 0, 3, 0);
            case 7 -> {
                addSub(leaf, 0, 0, 0, 0, 0);
                addSub(leaf, 1, 0, 0, 0, 0);
            }
            case TOPOLOGY -> {
                addSub(leaf, 0, 0, 0, 0, 0);
                addSub(leaf, 1, 0, 0, 0, 0);
            }
            case EXTENDED_STATE -> addExtendedState();
            default -> add(leaf, 0, 0, 0, 0);
        }
    }

    private boolean isUsual() {
        return definition.caches().isEmpty();
    }

    /** Intel's byte for a cache (SDM, CPUID, leaf 2); 0xFF stands for "see leaf 4". */
    private int descriptor(int index) {
        Cache cache = caches().get(index);
        return switch (index << 16 | cache.kibibytes()) {
            case 32 -> 0x2C;
            case 1 << 16 | 32 -> 0x30;
            case 2 << 16 | 512 -> 0x80;
            case LAST_LEVEL << 16 | 8 << 10 -> 0x4B;
            case LAST_LEVEL << 16 | 16 << 10 -> 0x4D;
            default -> 0xFF;
        };
    }

    private void addExtendedState() {
        for (int i = 0; i < STATE_COMPONENTS; i++) {
            KvmCpuidEntry2 entry = offered.find(EXTENDED_STATE, i);
            if (entry != null || i < 2) {
                addSub(EXTENDED_STATE, i, 0, 0, 0, 0);
            }
            if (entry != null) {
                leaves.entry(leaves.nent() - 1).copy(entry);
            }
        }
    }

    /** @param selfStarting bit 8 of EAX for L2: no code has to initialise it */
    private void addCache(int leaf, int index, int selfStarting) {
        boolean isAbsent = leaf == CACHE && isAmd;
        if (isAbsent) {
            addSub(leaf, index, 0, 0, 0, 0);
            return;
        }
        Cache cache = caches().get(index);
        int type = index < 2 ? index + 1 : 3;
        int level = index < 2 ? 1 : index;
        // L1 is not told of invalidations below it; L3 includes the lower ones and has a complex index.
        int properties = index < 2 ? 1 : index == LAST_LEVEL ? 6 : isUsual() ? 1 : 0;
        addSub(leaf, index, type | level << 5 | selfStarting << 8, cache.ways() - 1 << 22 | Cache.LINE_BYTES - 1,
                cache.sets() - 1, properties);
    }

    private List<Cache> caches() {
        return isUsual() ? USUAL : definition.caches();
    }

    private void addExtended(int leaf) {
        switch (leaf) {
            case 0x80000005 -> add(leaf, 0x01FF01FF, 0x01FF01FF, firstLevel(0), firstLevel(1));
            case 0x80000006 -> add(leaf, 0, 0x42004200, secondLevel(), thirdLevel());
            case 0x80000008 -> add(leaf, 48 << 8, 0, 0, 0);
            case CACHE_WITH_TOPOLOGY -> {
                for (int i = 0; i <= LAST_LEVEL; i++) {
                    addCache(leaf, i, i == 2 ? 0 : 1);
                }
            }
            default -> add(leaf, 0, 0, 0, 0);
        }
    }

    /** AMD's L1: size, ways, one line per tag; those of an Athlon where the model does not say. */
    private int firstLevel(int index) {
        if (isUsual()) {
            return 0x40020140;
        }
        Cache cache = caches().get(index);
        return cache.kibibytes() << 24 | cache.ways() << 16 | 1 << 8 | Cache.LINE_BYTES;
    }

    private int secondLevel() {
        if (isUsual()) {
            return 0x02008140;
        }
        Cache cache = caches().get(2);
        return cache.kibibytes() << 16 | ways(cache) << 12 | 1 << 8 | Cache.LINE_BYTES;
    }

    /** The size counts in 512 KiB. */
    private int thirdLevel() {
        Cache cache = caches().get(LAST_LEVEL);
        return cache.kibibytes() / 512 << 18 | ways(cache) << 12 | 1 << 8 | Cache.LINE_BYTES;
    }

    /** AMD's code for 8 and 16 ways. */
    private static int ways(Cache cache) {
        return cache.ways() == 8 ? 6 : 8;
    }
}
