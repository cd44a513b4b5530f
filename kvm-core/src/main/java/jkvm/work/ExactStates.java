package jkvm.work;

import java.util.LinkedHashMap;
import java.util.Map;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Numbers that no other saved state of a machine has, and without which it would not continue in each bit: KVM's
 * structures leave out when a chip's timer is due. Saved and loaded last, while the vCPU stands.
 */
public final class ExactStates {
    private static final int VERSION = 1;

    private final Map<String, Part> parts = new LinkedHashMap<>();

    /** Without parts. */
    public ExactStates() {
        // They are added.
    }

    /** A part with such numbers, always as many. */
    public interface Part {
        long[] exact();

        /** Takes numbers over that {@link #exact()} gave. They are of a state that is not trusted. */
        void exact(long[] numbers);
    }

    /** @param name as no other part of the machine has */
    public void add(String name, Part part) {
        if (parts.putIfAbsent(name, part) != null) {
            throw new IllegalArgumentException("two parts " + name);
        }
    }

    /** Writes the numbers of all parts. */
    public void save(StateWriter out) {
        out.putVersion(VERSION);
        parts.forEach((name, part) -> {
            long[] numbers = part.exact();
            out.putInt(name, numbers.length);
            for (long number : numbers) {
                out.putLong(name, number);
            }
        });
    }

    /**
     * Gives all parts their numbers.
     *
     * @throws StateException if the state has others
     */
    public void load(StateReader in) {
        in.getVersion(VERSION);
        parts.forEach((name, part) -> {
            int count = part.exact().length;
            in.getInt(name, count, count);
            long[] numbers = new long[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = in.getLong(name);
            }
            part.exact(numbers);
        });
    }
}
