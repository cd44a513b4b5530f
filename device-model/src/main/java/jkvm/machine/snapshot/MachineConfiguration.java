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
            return fact(name, List.of(value.toString()));
        }

        /** Adds a fact of several values. */
        public Builder fact(String name, List<String> values) {
            facts.add(new ConfigurationFact(name, values));
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
        Map<String, ConfigurationFact> here = new LinkedHashMap<>();
        present.facts.forEach(fact -> here.put(fact.name(), fact));
        for (ConfigurationFact saved : facts) {
            ConfigurationFact other = here.remove(saved.name());
            String difference = other == null
                    ? "the state is of a machine with %s, which this one does not have".formatted(saved)
                    : saved.difference(other).orElse(null);
            if (difference != null) {
                throw new StateException(difference);
            }
        }
        if (!here.isEmpty()) {
            throw new StateException("this machine has %s, which the state's machine does not have"
                    .formatted(here.values().iterator().next()));
        }
    }
}
