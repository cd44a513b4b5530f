package jkvm.machine.snapshot;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import jkvm.state.StateBuffer;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The state of a machine. Immutable: it may be loaded any number of times, by any thread.
 *
 * <pre>{@code
 * MachineSnapshot snapshot = machine.save().join();
 * next.load(snapshot);
 * next.run();
 * }</pre>
 */
public final class MachineSnapshot {
    private final List<String> configuration;
    private final Map<String, byte[]> sections;
    private final RamImage ram;

    private MachineSnapshot(List<String> configuration, Map<String, byte[]> sections, RamImage ram) {
        this.configuration = List.copyOf(configuration);
        this.sections = new LinkedHashMap<>(sections);
        this.ram = ram;
    }

    /** Collects the parts of a paused machine. */
    public static final class Builder {
        private final List<String> configuration;
        private final Map<String, byte[]> sections = new LinkedHashMap<>();

        /** @param configuration a line for each fact that another machine has to agree in */
        public Builder(List<String> configuration) {
            this.configuration = configuration;
        }

        /**
         * Adds a section.
         *
         * @param name of the part, as no other is named
         * @param part writes its state
         */
        public Builder section(String name, Consumer<StateWriter> part) {
            StateBuffer buffer = new StateBuffer(name);
            part.accept(buffer);
            if (sections.put(name, buffer.toByteArray()) != null) {
                throw new IllegalArgumentException("two parts of the machine are named " + name);
            }
            return this;
        }

        /** With the guest's memory; null for a state without. */
        public MachineSnapshot build(RamImage ram) {
            return new MachineSnapshot(configuration, sections, ram);
        }
    }

    /** The names of the parts, in the order in which they were saved. */
    public Set<String> names() {
        return Set.copyOf(sections.keySet());
    }

    /** The state that the part of this name wrote. */
    public byte[] section(String name) {
        return bytes(name).clone();
    }

    private byte[] bytes(String name) {
        byte[] bytes = sections.get(name);
        if (bytes == null) {
            throw new StateException("the state has no " + name);
        }
        return bytes;
    }

    /** The same state with another content of a section: for tests of what a machine does with a damaged one. */
    public MachineSnapshot with(String name, byte[] bytes) {
        Map<String, byte[]> changed = new LinkedHashMap<>(sections);
        changed.put(name, bytes.clone());
        return new MachineSnapshot(configuration, changed, ram);
    }

    /** The guest's memory, or null. */
    public RamImage ram() {
        return ram;
    }

    /**
     * Compares configurations.
     *
     * @throws StateException if a machine with that configuration cannot take this state over; it says in which fact
     */
    public void check(List<String> present) {
        for (int i = 0; i < Math.max(configuration.size(), present.size()); i++) {
            String saved = i < configuration.size() ? configuration.get(i) : "nothing more";
            String here = i < present.size() ? present.get(i) : "nothing more";
            if (!saved.equals(here)) {
                throw new StateException("the state is of a machine with %s, where this one has %s".formatted(saved,
                        here));
            }
        }
    }

    /**
     * Gives a part its section.
     *
     * @param part reads all of it
     * @throws StateException if there is no such section, or it does not fit
     */
    public void read(String name, Consumer<StateReader> part) {
        StateBuffer buffer = new StateBuffer(name, bytes(name));
        part.accept(buffer);
        buffer.requireEnd();
    }
}
