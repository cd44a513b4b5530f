package jkvm.machine.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The number and the kind of the guest's CPUs.
 *
 * @param model    one of {@link #MODELS}
 * @param features CPUID flags by QEMU's name, in lower case, to switch on or off against the model; in the order given,
 *                 those of the {@code +name} and {@code -name} spelling last, as they win. Names are not checked here
 */
public record CpuConfig(String model, Map<String, Boolean> features) {
    /** The models that there are: {@code host} and {@code max} are the same. */
    public static final List<String> MODELS = List.of("host", "max", "qemu64");
    public static final CpuConfig HOST = new CpuConfig("host", Map.of());

    public CpuConfig {
        features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
    }
}
