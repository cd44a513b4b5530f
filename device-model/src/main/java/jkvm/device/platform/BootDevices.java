package jkvm.device.platform;

import java.util.Optional;
import jkvm.bus.Device;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The kinds of devices that firmware boots from, in the order in which it tries them: three numbers of four bits in the
 * clock's memory, as Bochs introduced them. Another order may hold until the first reset. The guest's own order there
 * stays.
 */
public final class BootDevices implements Device {
    /** How many kinds an order may name. */
    public static final int MAX_KINDS = 3;

    /** The first kind in the low half, the second in the high one. */
    private static final int FIRST_TWO_REGISTER = 0x3d;
    /** The third kind in the high half. */
    private static final int THIRD_REGISTER = 0x38;
    private static final int STATE_VERSION = 1;

    private final String name;
    private final Rtc rtc;
    private final String order;
    private boolean changesAtReset;

    /**
     * Sets the first boot's order.
     *
     * @param order up to three of the letters a and b (floppy), c (disk), d (CD), n (network)
     * @param once  what holds until the first reset instead
     */
    public BootDevices(String name, Rtc rtc, String order, Optional<String> once) {
        this.name = name;
        this.rtc = rtc;
        this.order = order;
        changesAtReset = once.isPresent();
        set(once.orElse(order));
    }

    private void set(String kinds) {
        rtc.putByte(FIRST_TWO_REGISTER, number(kinds, 0) | number(kinds, 1) << 4);
        rtc.putByte(THIRD_REGISTER, number(kinds, 2) << 4);
    }

    private static int number(String kinds, int index) {
        if (index >= kinds.length()) {
            return 0;
        }
        return switch (kinds.charAt(index)) {
            case 'a', 'b' -> 1;
            case 'c' -> 2;
            case 'd' -> 3;
            default -> 4;
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void reset() {
        if (changesAtReset) {
            changesAtReset = false;
            set(order);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBoolean("changes at reset", changesAtReset);
    }

    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        changesAtReset = in.getBoolean("changes at reset");
    }
}
