package jkvm.machine.snapshot;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jkvm.state.StateException;

/**
 * The facts of a machine in which another one has to agree that takes over its state, most important first.
 *
 * @param facts no two of one name
 */
public record MachineConfiguration(List<ConfigurationFact> facts) {

    /** @throws StateException if two facts have one name */
    public MachineConfiguration {
        facts = List.copyOf(facts);
        Set<String> names = new HashSet<>();
        for (ConfigurationFact fact : facts) {
            if (!names.add(fact.name())) {
                throw new StateException("the state tells twice of " + fact.name());
            }
        }
    }

    /** Collects facts. */
    public static final class Builder {
        private final List<ConfigurationFact> facts = new ArrayList<>();

        /** Without a fact yet. */
        public Builder() {
        }

        /** Adds a fact. */
        public Builder fact(String name, Object value) {
            facts.add(new ConfigurationFact(name, value.toString()));
            return this;
        }

        public MachineConfiguration build() {
            return new MachineConfiguration(facts);
        }
    }

    /**
     * Compares this configuration, a saved one, with that of the machine which is to take over its state.
     *
     * @throws StateException if they differ; it names the first difference
     */
    public void requireSame(MachineConfiguration present) {
        Map<String, String> here = new LinkedHashMap<>();
        present.facts.forEach(fact -> here.put(fact.name(), fact.value()));
        for (ConfigurationFact saved : facts) {
            String value = here.remove(saved.name());
            if (value == null) {
                throw new StateException("the state is of a machine with %s, which this one does not have"
                        .formatted(saved));
            }
            if (!value.equals(saved.value())) {
                throw new StateException("the state is of a machine with %s, this one has %s".formatted(saved, value));
            }
        }
        for (Map.Entry<String, String> more : here.entrySet()) {
            throw new StateException("this machine has %s, which the state's machine does not have"
                    .formatted(new ConfigurationFact(more.getKey(), more.getValue())));
        }
    }
}
