package jkvm.machine.snapshot;

/**
 * A fact of a machine in which another one has to agree that takes over its state.
 *
 * @param name  of the property, such as {@code CPUs}
 * @param value as a message shows it
 */
public record ConfigurationFact(String name, String value) {

    @Override
    public String toString() {
        return name + ": " + value;
    }
}
