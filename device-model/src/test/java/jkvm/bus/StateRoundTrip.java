package jkvm.bus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import jkvm.state.StateBuffer;
import jkvm.state.StateException;

/** Carries a device's state into another device of the same configuration, and checks the state meanwhile. */
public final class StateRoundTrip {
    private static final int PREFIXES = 600;

    private StateRoundTrip() {
    }

    public static byte[] save(Device device) {
        StateBuffer buffer = new StateBuffer(device.name());
        device.save(buffer);
        return buffer.toByteArray();
    }

    public static void load(Device device, byte[] state) {
        StateBuffer buffer = new StateBuffer(device.name(), state);
        device.load(buffer);
        buffer.requireEnd();
    }

    /**
     * Saves {@code from} and loads the state into {@code to}. {@code to} must then save the same bytes, and
     * a state that is truncated anywhere must be refused with a {@link StateException}.
     */
    public static void copy(Device from, Device to) {
        byte[] state = save(from);
        for (int length = 0; length < Math.min(state.length, PREFIXES); length++) {
            byte[] cut = Arrays.copyOf(state, length);
            assertThrows(StateException.class, () -> load(to, cut), () -> "cut to " + cut.length + " bytes");
        }
        load(to, state);
        assertArrayEquals(state, save(to), () -> to.name() + " loses state");
    }
}
