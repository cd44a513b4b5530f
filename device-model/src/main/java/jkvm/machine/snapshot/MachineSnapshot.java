package jkvm.machine.snapshot;

import java.io.IOException;
import java.util.LinkedHashMap;
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
    private final MachineConfiguration configuration;
    private final Map<String, byte[]> sections;
    private final RamImage ram;

    MachineSnapshot(MachineConfiguration configuration, Map<String, byte[]> sections, RamImage ram) {
        this.configuration = configuration;
        this.sections = new LinkedHashMap<>(sections);
        this.ram = ram;
    }

    /** Collects the parts of a paused machine. */
    public static final class Builder {
        private final MachineConfiguration configuration;
        private final Map<String, byte[]> sections = new LinkedHashMap<>();

        /** @param configuration in which another machine has to agree */
        public Builder(MachineConfiguration configuration) {
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

    /** Puts the sections of a state together whose RAM went elsewhere. Not trusted: bounded in number and size. */
    public static final class Sections {
        /** More than any machine has. */
        private static final long MAX_SIZE = 1L << 30;

        private final Map<String, byte[]> sections = new LinkedHashMap<>();
        private long size;

        /** None as yet. */
        public Sections() {
            // Nothing to do.
        }

        /** @throws StateException if it is there already, or they are too large together */
        public void put(SnapshotRecord.Section section) {
            if (sections.put(section.name(), section.bytes()) != null) {
                throw new StateException("the state has section " + section.name() + " twice");
            }
            size += section.bytes().length;
            if (size > MAX_SIZE) {
                throw new StateException("the state's sections have more than %d bytes".formatted(MAX_SIZE));
            }
        }

        /** The state of a machine, with this RAM or none. */
        public MachineSnapshot of(MachineConfiguration configuration, RamImage ram) {
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

    /**
     * Compares the sections with the parts of a machine.
     *
     * @throws StateException if a section is of no part, or a part has no section
     */
    public void requireParts(Set<String> parts) {
        for (String name : sections.keySet()) {
            if (!parts.contains(name)) {
                throw new StateException("the state has section %s, which is of no part of this machine"
                        .formatted(name));
            }
        }
        parts.forEach(this::bytes);
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

    /** The same state with another image of the same memory. */
    MachineSnapshot with(RamImage image) {
        return new MachineSnapshot(configuration, sections, image);
    }

    /** The same state without a section: for tests, too. */
    public MachineSnapshot without(String name) {
        Map<String, byte[]> changed = new LinkedHashMap<>(sections);
        changed.remove(name);
        return new MachineSnapshot(configuration, changed, ram);
    }

    /** The guest's memory, or null. */
    public RamImage ram() {
        return ram;
    }

    /** The facts in which another machine has to agree to take this state over. */
    public MachineConfiguration configuration() {
        return configuration;
    }

    /** Writes all of the state, and its end. */
    public void write(SnapshotWriter out) throws IOException {
        out.configuration(configuration);
        if (ram != null) {
            out.layout(ram.layout());
            ram.write(out);
        }
        writeSections(out);
        out.end();
    }

    /** Writes the sections alone, for those who send the rest themselves. */
    public void writeSections(SnapshotWriter out) throws IOException {
        for (Map.Entry<String, byte[]> section : sections.entrySet()) {
            out.section(section.getKey(), section.getValue());
        }
    }

    /**
     * Reads all of a state, with its RAM into the Java heap.
     *
     * @param mostRam bytes: a state of a machine with more is refused
     * @throws StateException if it is damaged, or its writer gave up
     * @throws IOException    if the channel fails
     */
    public static MachineSnapshot read(SnapshotReader in, long mostRam) throws IOException {
        return new SnapshotCollector(mostRam).read(in);
    }

    /**
     * Reads and checks all of a state, but leaves its RAM where it is: that is read again when the state is loaded, and
     * has to be there until then.
     *
     * @param mostRam bytes: a state of a machine with more is refused
     * @throws StateException if it is damaged, or its writer gave up
     * @throws IOException    if the source fails
     */
    public static MachineSnapshot readFrom(StateSource source, long mostRam) throws IOException {
        return new SnapshotCollector(mostRam).readAllButRam(source);
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
