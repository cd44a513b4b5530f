package jkvm.machine.cpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;

/** What a user changes about a model: the properties that QEMU gives a CPU, sorted by what they mean here. */
final class CpuSwitches {
    private static final long MAX_LEAF = 0xFFFF_FFFFL;
    private static final Set<String> FLAGS = Set.of("check", "enforce", "kvm", "host-phys-bits", "migratable", "pmu",
            "l3-cache");
    private static final Set<String> VALUES = Set.of("vendor", "family", "model", "stepping", "model-id", "level",
            "xlevel", "phys-bits");
    /** Without effect on what a guest of this machine sees, or on what this accelerator does. */
    private static final Set<String> NO_EFFECT = Set.of("start-powered-off", "full-cpuid-auto-level", "tcg-cpuid",
            "fill-mtrr-mask", "vmware-cpuid-freq", "host-cache-info", "legacy-cache",
            "cpuid-0xb", "lmce", "host-phys-bits-limit", "min-level", "min-xlevel",
            "kvm-no-smi-migration", "kvm-pv-enforce-cpuid", "x-vendor-cpuid-only");
    /** Bits of IA32_ARCH_CAPABILITIES, which KVM fills in; they are no CPUID bits. */
    private static final Set<String> REGISTER_BITS = Set.of("rdctl-no", "ibrs-all", "rsba", "skip-l1dfl-vmentry",
            "ssb-no", "mds-no", "pschange-mc-no", "tsx-ctrl", "taa-no", "split-lock-detect");

    private final Map<String, Boolean> flags = new LinkedHashMap<>();
    private final Map<CpuFeature, Boolean> features = new LinkedHashMap<>();
    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<MachineWarning> warnings = new ArrayList<>();

    /** @throws MachineException if there is no such property, or it cannot have that value */
    CpuSwitches(CpuConfig config) {
        config.features().forEach((name, on) -> {
            String dashed = name.replace('_', '-');
            Optional<CpuFeature> feature = CpuFeature.named(name);
            if (feature.isPresent()) {
                features.put(feature.get(), on);
            } else if (dashed.startsWith("hv-")) {
                absent(name, on);
            } else if (REGISTER_BITS.contains(dashed) || dashed.startsWith("vmx-")) {
                absent(name, on);
            } else if (FLAGS.contains(dashed)) {
                flags.put(dashed, on);
            } else if (!NO_EFFECT.contains(dashed)) {
                throw new MachineException(MachineException.Kind.UNKNOWN_CPU_FEATURE, name, "there is no such feature");
            }
        });
        config.values().forEach((name, value) -> {
            String dashed = name.replace('_', '-');
            if (dashed.startsWith("hv-") || dashed.equals("tsc-frequency") || dashed.equals("ucode-rev")) {
                absent(name, true);
            } else if (CpuFeature.named(name).isPresent() || FLAGS.contains(dashed)) {
                throw refused(name, value, "it is on or off");
            } else if (VALUES.contains(dashed)) {
                values.put(dashed, value);
            } else if (!NO_EFFECT.contains(dashed)) {
                throw new MachineException(MachineException.Kind.UNKNOWN_CPU_FEATURE, name,
                        "there is no such property");
            }
        });
    }

    private void absent(String name, boolean isWanted) {
        if (isWanted) {
            warnings.add(new MachineWarning(MachineWarning.Kind.CPU_PROPERTY_WITHOUT_EFFECT, name));
        }
    }

    /** Of properties that were asked for and do nothing here. */
    List<MachineWarning> warnings() {
        return warnings;
    }

    Map<CpuFeature, Boolean> features() {
        return features;
    }

    boolean flag(String name, boolean otherwise) {
        return flags.getOrDefault(name, otherwise);
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The number of a property, decimal or with 0x. */
    OptionalLong number(String name, long highest) {
        String text = values.get(name);
        if (text == null) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.decode(text);
            if (number >= 0 && number <= highest) {
                return OptionalLong.of(number);
            }
        } catch (NumberFormatException _) {
            // The same error as for a number out of range.
        }
        throw refused(name, "it takes a number from 0 to " + highest);
    }

    /** The number of a leaf. */
    OptionalLong leaf(String name) {
        return number(name, MAX_LEAF);
    }

    MachineException refused(String name, String reason) {
        return refused(name, values.get(name), reason);
    }

    private static MachineException refused(String name, String value, String reason) {
        return new MachineException(MachineException.Kind.CPU_PROPERTY_REFUSED, name + "=" + value, reason);
    }
}
