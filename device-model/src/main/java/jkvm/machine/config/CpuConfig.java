package jkvm.machine.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The kind of the guest's CPUs.
 *
 * @param model    {@code host}, {@code max} (the same), or one of QEMU's models, such as {@code qemu64} or
 *                 {@code Haswell-v2}
 * @param features CPUID flags by QEMU's name, in lower case, to switch on or off against the model, and QEMU's other
 *                 switches, such as {@code enforce}; in the order given, those of the {@code +name} and {@code -name}
 *                 spelling last, as they win. Names are not checked here
 * @param values   QEMU's properties that are not switches, such as {@code level}, with their texts
 */
public record CpuConfig(String model, Map<String, Boolean> features, Map<String, String> values) {
    public static final CpuConfig HOST = new CpuConfig("host", Map.of());

    public CpuConfig {
        features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** A model with changed features and nothing else. */
    public CpuConfig(String model, Map<String, Boolean> features) {
        this(model, features, Map.of());
    }

    /** True for the models that have all that the accelerator offers. */
    public boolean hasAll() {
        return model.equals("host") || model.equals("max");
    }
}
