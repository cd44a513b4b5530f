package jkvm.machine.cpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;
import jkvm.machine.cpu.CpuidRegister.Name;

/** Makes the CPUID leaves that all vCPUs of a machine have in common. For one machine. */
final class CpuLeaves {
    static final int SIZES = 0x80000008;
    private static final int EXTENDED_STATE = 0xD;
    /** No model has leaves beyond. */
    private static final int LAST_LEAF = 0x1F;
    private static final int LAST_EXTENDED_LEAF = 0x80000020;
    private static final int EXTENDED = 0x80000000;
    private static final int KVM_FEATURES = 0x40000001;
    private static final CpuidRegister LEAF_1_ECX = new CpuidRegister(1, 0, Name.ECX);
    private static final CpuidRegister LEAF_1_EDX = new CpuidRegister(1, 0, Name.EDX);
    private static final CpuidRegister LEAF_7_1_EAX = new CpuidRegister(7, 1, Name.EAX);
    private static final CpuidRegister EXTENDED_EDX = new CpuidRegister(0x80000001, 0, Name.EDX);
    private static final CpuidRegister SVM_EDX = new CpuidRegister(0x8000000A, 0, Name.EDX);
    /** Those of leaf 1 that AMD repeats. */
    private static final int REPEATED = 0x0183F3FF;
    private static final int FOUR_LEVEL_ADDRESS_BITS = 48;
    private static final int NAMED_ADDRESS_BITS = 40;
    private static final int MIN_ADDRESS_BITS = 32;
    private static final int PSE36_ADDRESS_BITS = 36;
    private static final int MAX_ADDRESS_BITS = 52;
    private static final int SVM_REVISION = 1;
    private static final int SVM_ADDRESS_SPACES = 16;
    private static final long BYTE = 0xFF;
    private static final long WORD = 0xFFFF;
    /** Of KVM's own features those that QEMU's models have. */
    private static final List<String> PARAVIRTUAL = List.of("kvmclock", "kvm-nopiodelay", "kvm-asyncpf",
            "kvm-steal-time", "kvm-pv-eoi", "kvmclock-stable-bit");
    /** Which features need which component of the extended state. */
    private static final Map<String, Integer> COMPONENTS = Map.of("fpu", 1, "sse", 1 << 1, "avx", 1 << 2,
            "mpx", 3 << 3, "avx512f", 7 << 5, "pku", 1 << 9, "amx-tile", 3 << 17);

    private final KvmCpuid2 offered;
    private final CpuSwitches switches;
    private final Optional<CpuDefinition> definition;
    private final String vendor;
    private final List<MachineWarning> warnings = new ArrayList<>();
    /** What the guest's processor has, register by register. */
    private final Map<CpuidRegister, Integer> features = new LinkedHashMap<>();

    CpuLeaves(KvmCpuid2 supported, CpuConfig config, boolean tscDeadline) {
        offered = supported.copy(0);
        LEAF_1_ECX.set(offered, LEAF_1_ECX.get(offered) | feature("hypervisor").mask()
                | (tscDeadline ? feature("tsc-deadline").mask() : 0));
        switches = new CpuSwitches(config);
        definition = config.hasAll() ? Optional.empty() : Optional.of(CpuDefinitions.read().find(config.model())
                .orElseThrow(() -> new MachineException(MachineException.Kind.UNKNOWN_CPU_MODEL, config.model(),
                        "there is no such model")));
        vendor = switches.text("vendor").orElseGet(() -> CpuIdentity.vendor(offered));
        if (switches.text("vendor").isPresent() && vendor.length() != CpuIdentity.LETTERS) {
            throw switches.refused("vendor", "a vendor has 12 letters");
        }
    }

    List<MachineWarning> warnings() {
        return warnings;
    }

    private static CpuFeature feature(String name) {
        return CpuFeature.named(name).orElseThrow();
    }

    KvmCpuid2 make() {
        chooseFeatures();
        KvmCpuid2 leaves = definition.map(this::named).orElseGet(() -> offered.copy(0));
        features.forEach((register, value) -> register.set(leaves, value));
        CpuIdentity.vendor(leaves, vendor);
        identity(leaves);
        addressSizes(leaves);
        extendedState(leaves);
        if (!switches.flag("kvm", true)) {
            hide(leaves, 0x40000000, 0x4FFFFFFF);
        }
        if (!switches.flag("pmu", true)) {
            hide(leaves, 0xA, 0xA);
        }
        if (!switches.flag("l3-cache", true)) {
            hideLastCache(leaves);
        }
        return leaves;
    }

    /** The model's features and the user's, as far as the accelerator offers them. */
    private void chooseFeatures() {
        CpuFeature.registers().forEach(register ->
                features.put(register, definition.isPresent() ? 0 : register.get(offered)));
        definition.ifPresent(model -> {
            model.features().forEach(name -> change(feature(name), true));
            PARAVIRTUAL.forEach(name -> change(feature(name), true));
            change(feature("hypervisor"), true);
        });
        if (switches.flag("migratable", false)) {
            change(feature("invtsc"), false);
        }
        switches.features().forEach(this::change);
        if (!has(feature("svm"))) {
            features.put(SVM_EDX, 0);
        }
        if (vendor.equals(CpuIdentity.AMD) && definition.isPresent()) {
            features.merge(EXTENDED_EDX, features.get(LEAF_1_EDX) & REPEATED, (a, b) -> a | b);
        }
        List<CpuFeature> missing = new ArrayList<>();
        features.replaceAll((register, value) -> {
            int available = register.get(offered);
            if (register.leaf() != KVM_FEATURES || definition.isEmpty()) {
                missing.addAll(CpuFeature.in(register, value & ~available));
            }
            return value & available;
        });
        report(missing);
    }

    private void change(CpuFeature feature, boolean on) {
        features.computeIfPresent(feature.register(), (_, value) ->
                on ? value | feature.mask() : value & ~feature.mask());
    }

    private boolean has(CpuFeature feature) {
        return (features.get(feature.register()) & feature.mask()) == feature.mask();
    }

    private void report(List<CpuFeature> missing) {
        if (!missing.isEmpty() && switches.flag("enforce", false)) {
            throw new MachineException(MachineException.Kind.MISSING_CPU_FEATURE, missing.getFirst().toString(),
                    "the accelerator does not offer it");
        }
        if (switches.flag("check", true)) {
            missing.forEach(feature -> warnings.add(
                    new MachineWarning(MachineWarning.Kind.CPU_FEATURE_NOT_OFFERED, feature.toString())));
        }
        warnings.addAll(switches.warnings());
    }

    private KvmCpuid2 named(CpuDefinition model) {
        int last = (int) switches.leaf("level").orElse(model.id().lastLeaf());
        int extended = (int) switches.leaf("xlevel").orElse(model.id().lastExtendedLeaf());
        for (CpuidRegister register : CpuFeature.registers()) {
            boolean isUsed = features.get(register) != 0;
            if (isUsed && register.leaf() > 0 && register.leaf() < 0x40 && switches.text("level").isEmpty()) {
                last = Math.max(last, register.leaf());
            } else if (isUsed && register.leaf() < KVM_FEATURES && switches.text("xlevel").isEmpty()
                    && Integer.compareUnsigned(register.leaf(), extended) > 0) {
                extended = register.leaf();
            }
        }
        last = Math.min(last, LAST_LEAF);
        if (Integer.compareUnsigned(extended, LAST_EXTENDED_LEAF) > 0) {
            extended = LAST_EXTENDED_LEAF;
        }
        KvmCpuid2 leaves = NamedCpu.leaves(model, offered, vendor, last, extended);
        leaves.find(0, 0).eax(last);
        KvmCpuidEntry2 first = leaves.find(EXTENDED, 0);
        if (first != null) {
            first.eax(extended);
        }
        if (features.get(LEAF_7_1_EAX) != 0) {
            new CpuidRegister(7, 0, Name.EAX).set(leaves, 1);
        }
        if (has(feature("svm"))) {
            new CpuidRegister(0x8000000A, 0, Name.EAX).set(leaves, SVM_REVISION);
            new CpuidRegister(0x8000000A, 0, Name.EBX).set(leaves, SVM_ADDRESS_SPACES);
        }
        return leaves;
    }

    /** Family, model, stepping and brand: the model's, changed by the user. */
    private void identity(KvmCpuid2 leaves) {
        int signature = definition.map(model -> model.id().signature())
                .orElseGet(() -> new CpuidRegister(1, 0, Name.EAX).get(offered));
        int family = (signature >>> 8 & 0xF) + ((signature >>> 8 & 0xF) == 0xF ? signature >>> 20 & 0xFF : 0);
        CpuDefinition.Id id = new CpuDefinition.Id(vendor,
                (int) switches.number("family", BYTE + 0xF).orElse(family),
                (int) switches.number("model", BYTE).orElse(signature >>> 4 & 0xF | signature >>> 12 & 0xF0),
                (int) switches.number("stepping", 0xF).orElse(signature & 0xF), 0, 0);
        new CpuidRegister(1, 0, Name.EAX).set(leaves, id.signature());
        if (definition.isPresent()) {
            new CpuidRegister(0x80000001, 0, Name.EAX).set(leaves, id.signature());
        }
        switches.text("model-id").ifPresent(text -> NamedCpu.brand(leaves, text));
        if (definition.isEmpty()) {
            switches.number("level", WORD).ifPresent(level -> leaves.find(0, 0).eax((int) level));
            switches.leaf("xlevel").ifPresent(level -> new CpuidRegister(EXTENDED, 0, Name.EAX)
                    .set(leaves, (int) level));
        }
    }

    /** Physical: the user's, the host's, or those of QEMU's models. Linear: 57 bits with five-level paging only. */
    private void addressSizes(KvmCpuid2 leaves) {
        KvmCpuidEntry2 sizes = leaves.find(SIZES, 0);
        if (sizes == null) {
            return;
        }
        CpuidRegister register = new CpuidRegister(SIZES, 0, Name.EAX);
        int host = register.get(offered);
        int physical = host & 0xFF;
        if (definition.isPresent() && !switches.flag("host-phys-bits", false) && physical > NAMED_ADDRESS_BITS) {
            physical = NAMED_ADDRESS_BITS;
        }
        long asked = switches.number("phys-bits", BYTE).orElse(0);
        if (asked != 0 && (asked < MIN_ADDRESS_BITS || asked > MAX_ADDRESS_BITS)) {
            throw switches.refused("phys-bits", "it should be between 32 and 52");
        }
        if (asked > (host & 0xFF)) {
            throw switches.refused("phys-bits", "the accelerator has " + (host & 0xFF));
        }
        if (asked != 0) {
            physical = (int) asked;
        }
        if (definition.isPresent() && !has(feature("lm"))) {
            sizes.eax(has(feature("pse36")) ? PSE36_ADDRESS_BITS : MIN_ADDRESS_BITS);
            return;
        }
        int linear = has(feature("la57")) ? host >>> 8 & 0xFF : FOUR_LEVEL_ADDRESS_BITS;
        sizes.eax(host & ~0xFFFF | linear << 8 | physical);
    }

    /** The extended state's sizes and components: those of the features that there are, none without XSAVE. */
    private void extendedState(KvmCpuid2 leaves) {
        if (!has(feature("xsave"))) {
            hide(leaves, EXTENDED_STATE, EXTENDED_STATE);
        } else if (definition.isPresent()) {
            int components = COMPONENTS.entrySet().stream().filter(entry -> has(feature(entry.getKey())))
                    .mapToInt(Map.Entry::getValue).reduce(0, (a, b) -> a | b);
            restrictState(leaves, components);
        }
    }

    private static void restrictState(KvmCpuid2 leaves, int components) {
        int size = 576;
        for (int i = 0; i < leaves.nent(); i++) {
            KvmCpuidEntry2 entry = leaves.entry(i);
            if (entry.function() != EXTENDED_STATE || entry.index() < 2) {
                continue;
            }
            if ((components >>> entry.index() & 1) == 0) {
                clear(entry);
            } else {
                size = Math.max(size, entry.eax() + entry.ebx());
            }
        }
        KvmCpuidEntry2 all = leaves.find(EXTENDED_STATE, 0);
        all.eax(all.eax() & components);
        all.ecx(size);
        all.edx(0);
        KvmCpuidEntry2 forms = leaves.find(EXTENDED_STATE, 1);
        forms.ecx(0);
        forms.edx(0);
    }

    private static void hideLastCache(KvmCpuid2 leaves) {
        for (int leaf : new int[] {4, 0x8000001D}) {
            KvmCpuidEntry2 entry = leaves.find(leaf, 3);
            if (entry != null) {
                clear(entry);
            }
        }
        new CpuidRegister(0x80000006, 0, Name.EDX).set(leaves, 0);
        new CpuidRegister(2, 0, Name.ECX).set(leaves, 0);
    }

    private static void hide(KvmCpuid2 leaves, int first, int last) {
        for (int i = 0; i < leaves.nent(); i++) {
            KvmCpuidEntry2 entry = leaves.entry(i);
            if (entry.function() >= first && entry.function() <= last) {
                clear(entry);
            }
        }
    }

    private static void clear(KvmCpuidEntry2 entry) {
        entry.eax(0);
        entry.ebx(0);
        entry.ecx(0);
        entry.edx(0);
    }
}
