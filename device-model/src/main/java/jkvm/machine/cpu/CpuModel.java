package jkvm.machine.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;

/**
 * The CPUID leaves of a guest: those of a model by name, or all that this KVM supports, changed by the user's features,
 * with the topology of one socket whose cores are the vCPUs (SDM volume 2, CPUID; AMD APM volume 3, appendix E).
 *
 * <p>The vendor stays the accelerator's unless the user names one, as in QEMU with KVM: whether SYSENTER or SYSCALL
 * works in compatibility mode depends on it.
 */
public final class CpuModel {
    private static final int LEAF_1_APIC_ID_SHIFT = 24;
    private static final int LEAF_1_LOGICAL_COUNT_SHIFT = 16;
    private static final int LEAF_1_HTT_BIT = 1 << 28;
    private static final int LEAF_80000001_CMP_LEGACY_BIT = 1 << 1;
    private static final int LEVEL_SMT = 1 << 8;
    private static final int LEVEL_CORE = 2 << 8;
    private static final int CACHE_TYPE_MASK = 0x1F;
    private static final int LAST_LEVEL_CACHE = 3;
    private static final int DEFAULT_ADDRESS_BITS = 36;

    private final KvmCpuid2 supported;
    private final boolean tscDeadline;
    private final KvmCpuid2 leaves;
    private final int cpus;
    private final List<MachineWarning> warnings;

    /**
     * @param supported   what KVM supports
     * @param tscDeadline true if the kernel's LAPIC has the deadline timer, which KVM does not report with the rest
     * @throws MachineException if a model, feature or property has an unknown name or an impossible value, or, with
     *                          {@code enforce}, a feature is not there
     */
    public CpuModel(KvmCpuid2 supported, CpuConfig config, int cpus, boolean tscDeadline) {
        this.supported = supported;
        this.tscDeadline = tscDeadline;
        this.cpus = cpus;
        CpuLeaves maker = new CpuLeaves(supported, config, tscDeadline);
        leaves = maker.make();
        warnings = maker.warnings();
    }

    /** Another model on the same accelerator. */
    CpuModel as(CpuConfig config) {
        return new CpuModel(supported, config, cpus, tscDeadline);
    }

    /** All features, and which of them the guest's processor has. */
    Map<String, Boolean> featureFlags() {
        Map<String, Boolean> flags = new TreeMap<>();
        for (String name : CpuFeature.names()) {
            CpuFeature feature = CpuFeature.named(name).orElseThrow();
            flags.put(name, (feature.register().get(leaves) & feature.mask()) == feature.mask());
        }
        return flags;
    }

    /** The properties that say which processor it is. */
    Map<String, Object> identity() {
        CpuDefinition.Id id = CpuIdentity.of(leaves);
        return Map.of("vendor", id.vendor(), "family", (long) id.family(), "model", (long) id.model(),
                "stepping", (long) id.stepping(),
                "level", (long) id.lastLeaf(), "xlevel", Integer.toUnsignedLong(id.lastExtendedLeaf()));
    }

    /** The features that the model or the user asked for and the accelerator does not have, and other absent things. */
    public List<MachineWarning> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * The entries for one vCPU.
     *
     * @param id its APIC id
     */
    public KvmCpuid2 forCpu(int id) {
        KvmCpuid2 cpuid = leaves.copy(0);
        for (int i = 0; i < cpuid.nent(); i++) {
            KvmCpuidEntry2 entry = cpuid.entry(i);
            switch (entry.function()) {
                case 1 -> basic(entry, id);
                case 4, 0x8000001D -> cache(entry);
                case 0xB, 0x1F -> level(entry, id);
                case 0x80000001 -> entry.ecx(cpus > 1 && isAmd()
                        ? entry.ecx() | LEAF_80000001_CMP_LEGACY_BIT : entry.ecx() & ~LEAF_80000001_CMP_LEGACY_BIT);
                case CpuLeaves.SIZES -> entry.ecx(coreBits() << 12 | cpus - 1);
                case 0x8000001E -> {
                    entry.eax(id);
                    entry.ebx(id);
                    entry.ecx(0);
                }
                default -> { }
            }
        }
        return cpuid;
    }

    /** The first vCPU's leaf 1, as SMBIOS shows it: EAX in the low half, EDX in the high one, without the threads. */
    public long processorId() {
        KvmCpuidEntry2 basic = leaves.find(1, 0);
        return basic == null ? 0
                : (long) (basic.edx() & ~LEAF_1_HTT_BIT) << Integer.SIZE | Integer.toUnsignedLong(basic.eax());
    }

    /** The names of all features that the CPUs have, in alphabetical order. */
    public List<String> features() {
        List<String> names = new ArrayList<>();
        for (CpuidRegister register : CpuFeature.registers()) {
            CpuFeature.in(register, register.get(leaves)).forEach(feature -> names.add(feature.name()));
        }
        return names.stream().sorted().toList();
    }

    /** What the first vCPU's CPUID tells besides {@link #features}: a text for each register that is not zero. */
    public List<String> registers() {
        List<String> texts = new ArrayList<>();
        KvmCpuid2 cpuid = forCpu(0);
        for (int i = 0; i < cpuid.nent(); i++) {
            KvmCpuidEntry2 entry = cpuid.entry(i);
            for (CpuidRegister.Name name : CpuidRegister.Name.values()) {
                CpuidRegister register = new CpuidRegister(entry.function(), entry.index(), name);
                int value = register.get(cpuid);
                for (CpuFeature feature : CpuFeature.in(register, value)) {
                    value &= ~feature.mask();
                }
                if (value != 0) {
                    texts.add(register + "[" + entry.index() + "]=0x" + Integer.toHexString(value));
                }
            }
        }
        return texts;
    }

    /** Bits of a physical address. */
    public int addressBits() {
        KvmCpuidEntry2 sizes = leaves.find(CpuLeaves.SIZES, 0);
        return sizes == null ? DEFAULT_ADDRESS_BITS : sizes.eax() & 0xFF;
    }

    private void basic(KvmCpuidEntry2 entry, int id) {
        int keep = entry.ebx() & 0xFFFF;
        entry.ebx(id << LEAF_1_APIC_ID_SHIFT | (cpus > 1 ? cpus : 0) << LEAF_1_LOGICAL_COUNT_SHIFT | keep);
        entry.edx(cpus > 1 ? entry.edx() | LEAF_1_HTT_BIT : entry.edx() & ~LEAF_1_HTT_BIT);
    }

    /** Cores per socket in bits 31-26, logical CPUs that share the cache in bits 25-14, each less one. */
    private void cache(KvmCpuidEntry2 entry) {
        boolean isThere = (entry.eax() & CACHE_TYPE_MASK) != 0;
        if (!isThere) {
            return;
        }
        int level = entry.eax() >>> 5 & 7;
        int sharing = level >= LAST_LEVEL_CACHE ? (1 << coreBits()) - 1 : 0;
        int cores = entry.function() == 4 ? Math.min((1 << coreBits()) - 1, 63) : 0;
        entry.eax(entry.eax() & 0x3FFF | cores << 26 | sharing << 14);
    }

    private void level(KvmCpuidEntry2 entry, int id) {
        int index = entry.index();
        entry.eax(index == 1 ? coreBits() : 0);
        entry.ebx(index == 0 ? 1 : index == 1 ? cpus : 0);
        entry.ecx(index | (index == 0 ? LEVEL_SMT : index == 1 ? LEVEL_CORE : 0));
        entry.edx(id);
    }

    /** Bits of the APIC id that number the cores of a socket. */
    private int coreBits() {
        return Integer.SIZE - Integer.numberOfLeadingZeros(cpus - 1);
    }

    private boolean isAmd() {
        return CpuIdentity.vendor(leaves).equals(CpuIdentity.AMD);
    }
}
