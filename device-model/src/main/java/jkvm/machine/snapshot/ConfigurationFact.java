package jkvm.machine.snapshot;

import java.util.List;
import java.util.Optional;

/**
 * A fact of a machine in which another one has to agree that takes over its state.
 *
 * @param name   of the property, such as {@code CPUs} or {@code device serial0}
 * @param values one, or several whose order does not matter, as a message shows them
 */
public record ConfigurationFact(String name, List<String> values) {

    public ConfigurationFact {
        values = List.copyOf(values);
    }

    /**
     * Compares this fact, a saved one, with that of another machine.
     *
     * @return the first difference, in a sentence; empty if there is none
     */
    Optional<String> difference(ConfigurationFact present) {
        if (values.size() == 1 && present.values.size() == 1) {
            return equals(present) ? Optional.empty() : Optional.of("the state is of a machine with %s, this one has %s"
                    .formatted(this, present.values.getFirst()));
        }
        for (String value : values) {
            if (!present.values.contains(value)) {
                return Optional.of("the state's machine has %s in its %s, this one does not"
                        .formatted(value, name));
            }
        }
        for (String value : present.values) {
            if (!values.contains(value)) {
                return Optional.of("this machine has %s in its %s, the state's machine does not"
                        .formatted(value, name));
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name + ": " + String.join(", ", values);
    }
}
