package jkvm.machine.board;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;

/**
 * The CPUID leaves of a guest: all that this KVM supports, changed by the user's features, with the topology of one
 * socket whose cores are the vCPUs (SDM volume 2, CPUID; AMD APM volume 3, appendix E).
 */
public final class CpuModel {
    private static final int LEAF_1_APIC_ID_SHIFT = 24;
    private static final int LEAF_1_LOGICAL_COUNT_SHIFT = 16;
    private static final int LEAF_1_HYPERVISOR_BIT = 1 << 31;
    private static final int LEAF_1_TSC_DEADLINE_BIT = 1 << 24;
    private static final int LEAF_1_HTT_BIT = 1 << 28;
    private static final int LEAF_80000001_CMP_LEGACY_BIT = 1 << 1;
    private static final int LEVEL_SMT = 1 << 8;
    private static final int LEVEL_CORE = 2 << 8;
    private static final int LAST_LEVEL_CACHE = 3;
    private static final int LEAF_EXTENDED_STATE = 0xD;
    private static final int LEAF_SIZES = 0x80000008;
    private static final int DEFAULT_ADDRESS_BITS = 36;
    private static final int FOUR_LEVEL_ADDRESS_BITS = 48;

    /** Not features: whether to warn of those that are not there, and whether to refuse the machine. */
    private static final String CHECK = "check";
    private static final String ENFORCE = "enforce";

    /** The features that the accelerator offers, and those of them that the model has. */
    private final KvmCpuid2 offered;
    private final KvmCpuid2 supported;
    private final int cpus;
    private final List<MachineWarning> warnings = new ArrayList<>();

    /**
     * @param supported   what KVM supports
     * @param tscDeadline true if the kernel's LAPIC has the deadline timer, which KVM does not report with the rest
     * @throws MachineException if a feature has an unknown name, or, with {@code enforce}, is not there
     */
    public CpuModel(KvmCpuid2 supported, CpuConfig config, int cpus, boolean tscDeadline) {
        this.offered = supported;
        this.supported = supported.copy(0);
        boolean isPlain = config.model().equals("qemu64");
        if (isPlain) {
            Qemu64.restrict(this.supported);
        }
        this.cpus = cpus;
        KvmCpuidEntry2 leaf1 = this.supported.find(1, 0);
        leaf1.ecx(leaf1.ecx() | LEAF_1_HYPERVISOR_BIT
                | (tscDeadline && !isPlain ? LEAF_1_TSC_DEADLINE_BIT : 0));
        Map<String, Boolean> features = new LinkedHashMap<>(config.features());
        boolean check = Objects.requireNonNullElse(features.remove(CHECK), true);
        boolean enforce = Objects.requireNonNullElse(features.remove(ENFORCE), false);
        features.forEach(this::apply);
        if (enforce && !warnings.isEmpty()) {
            throw new MachineException(MachineException.Kind.MISSING_CPU_FEATURE, warnings.getFirst().subject(),
                    "the accelerator does not offer it");
        }
        if (!check) {
            warnings.clear();
        }
        limitLinearAddresses();
        hideExtendedState();
    }

    /** The sizes and forms of the extended state are there with XSAVE only. */
    private void hideExtendedState() {
        if (has(supported, CpuFeature.named("xsave").orElseThrow())) {
            return;
        }
        for (int i = 0; i < supported.nent(); i++) {
            KvmCpuidEntry2 entry = supported.entry(i);
            if (entry.function() == LEAF_EXTENDED_STATE) {
                for (CpuFeature.Register register : CpuFeature.Register.values()) {
                    register(entry, register, 0);
                }
            }
        }
    }

    /** A processor without five-level paging has linear addresses of 48 bits. */
    private void limitLinearAddresses() {
        KvmCpuidEntry2 sizes = supported.find(LEAF_SIZES, 0);
        if (sizes != null && !has(supported, CpuFeature.named("la57").orElseThrow())) {
            sizes.eax(sizes.eax() & ~0xFF00 | FOUR_LEVEL_ADDRESS_BITS << 8);
        }
    }

    /** The features that the user asked for and the accelerator does not have. */
    public List<MachineWarning> warnings() {
        return List.copyOf(warnings);
    }

    private void apply(String name, boolean on) {
        CpuFeature feature = CpuFeature.named(name).orElseThrow(() -> new MachineException(
                MachineException.Kind.UNKNOWN_CPU_FEATURE, name, "there is no such feature"));
        KvmCpuidEntry2 entry = supported.find(feature.leaf(), feature.subleaf());
        int bit = 1 << feature.bit();
        if (on && !has(supported, feature) && !has(offered, feature)) {
            warnings.add(new MachineWarning(MachineWarning.Kind.CPU_FEATURE_NOT_OFFERED, name));
        } else if (entry != null) {
            int value = register(entry, feature.register());
            register(entry, feature.register(), on ? value | bit : value & ~bit);
        }
    }

    private static boolean has(KvmCpuid2 cpuid, CpuFeature feature) {
        KvmCpuidEntry2 entry = cpuid.find(feature.leaf(), feature.subleaf());
        return entry != null && (register(entry, feature.register()) >>> feature.bit() & 1) != 0;
    }

    private static int register(KvmCpuidEntry2 entry, CpuFeature.Register register) {
        return switch (register) {
            case EAX -> entry.eax();
            case EBX -> entry.ebx();
            case ECX -> entry.ecx();
            case EDX -> entry.edx();
        };
    }

    private static void register(KvmCpuidEntry2 entry, CpuFeature.Register register, int value) {
        switch (register) {
            case EAX -> entry.eax(value);
            case EBX -> entry.ebx(value);
            case ECX -> entry.ecx(value);
            case EDX -> entry.edx(value);
        }
    }

    /**
     * The entries for one vCPU.
     *
     * @param id its APIC id
     */
    public KvmCpuid2 forCpu(int id) {
        KvmCpuid2 cpuid = supported.copy(0);
        for (int i = 0; i < cpuid.nent(); i++) {
            KvmCpuidEntry2 entry = cpuid.entry(i);
            switch (entry.function()) {
                case 1 -> basic(entry, id);
                case 4, 0x8000001D -> cache(entry);
                case 0xB, 0x1F -> level(entry, id);
                case 0x80000001 -> entry.ecx(cpus > 1 && isAmd()
                        ? entry.ecx() | LEAF_80000001_CMP_LEGACY_BIT : entry.ecx() & ~LEAF_80000001_CMP_LEGACY_BIT);
                case LEAF_SIZES -> entry.ecx(coreBits() << 12 | cpus - 1);
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

    /** Bits of a physical address. */
    public int addressBits() {
        KvmCpuidEntry2 sizes = supported.find(LEAF_SIZES, 0);
        return sizes == null ? DEFAULT_ADDRESS_BITS : sizes.eax() & 0xFF;
    }

    private void basic(KvmCpuidEntry2 entry, int id) {
        int keep = entry.ebx() & 0xFFFF;
        entry.ebx(id << LEAF_1_APIC_ID_SHIFT | cpus << LEAF_1_LOGICAL_COUNT_SHIFT | keep);
        entry.edx(cpus > 1 ? entry.edx() | LEAF_1_HTT_BIT : entry.edx() & ~LEAF_1_HTT_BIT);
    }

    /** Cores per socket in bits 31-26, logical CPUs that share the cache in bits 25-14, each less one. */
    private void cache(KvmCpuidEntry2 entry) {
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
        KvmCpuidEntry2 vendor = supported.find(0, 0);
        return vendor != null && vendor.ebx() == 0x68747541;
    }
}
