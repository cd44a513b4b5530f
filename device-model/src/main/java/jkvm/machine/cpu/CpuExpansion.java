package jkvm.machine.cpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jkvm.machine.config.CpuConfig;

/** The properties that CPU models have on one accelerator, under QEMU's names, for those who choose a model. */
public final class CpuExpansion {
    /** The model without features, to which all others can be reduced. */
    public static final String BASE = "base";

    private final CpuModel host;

    /** @param any a model on the accelerator in question */
    public CpuExpansion(CpuModel any) {
        host = any.as(CpuConfig.HOST);
    }

    /**
     * The properties of the processor that a guest would get: booleans, numbers ({@link Long}), and texts.
     *
     * @param model    one of QEMU's names, or {@link #BASE}
     * @param features changes to it
     * @param values   its other properties that are changed, with their texts
     * @throws jkvm.machine.config.MachineException if the model or a property is unknown or has an impossible value
     */
    public Map<String, Object> properties(String model, Map<String, Boolean> features, Map<String, String> values) {
        CpuModel expanded = host.as(config(model, features, values));
        Map<String, Object> properties = new TreeMap<>(expanded.featureFlags());
        properties.putAll(expanded.identity());
        return properties;
    }

    private CpuConfig config(String model, Map<String, Boolean> features, Map<String, String> values) {
        if (!model.equals(BASE)) {
            return new CpuConfig(model, features, values);
        }
        Map<String, Boolean> all = new LinkedHashMap<>();
        CpuFeature.names().forEach(name -> all.put(name, false));
        features.forEach((name, on) -> all.put(CpuFeature.named(name).map(CpuFeature::name).orElse(name), on));
        return new CpuConfig("max", all, values);
    }

    /** The features of a model that the accelerator does not have; empty for those that have all of its. */
    public List<String> unavailable(String model) {
        Map<String, Boolean> there = host.featureFlags();
        List<String> missing = new ArrayList<>();
        CpuDefinitions.read().find(model).ifPresent(definition -> definition.features().stream()
                .filter(name -> !there.getOrDefault(name, false)).sorted().forEach(missing::add));
        return missing;
    }
}
