package jkvm.device.usb.xhci;

import jkvm.device.usb.UsbDevice;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A port of the root hub: PORTSC (xHCI section 5.4.8) and what is plugged in. A device that is slower than SuperSpeed
 * goes into a port of USB 2. Guarded by the controller's lock.
 */
final class RootPort {
    static final int SIZE = 0x10;

    private static final int CONNECTED_BIT = 1;
    private static final int ENABLED_BIT = 1 << 1;
    private static final int RESET_BIT = 1 << 4;
    private static final int LINK_STATE_SHIFT = 5;
    private static final int LINK_STATE_MASK = 0xF << LINK_STATE_SHIFT;
    private static final int LINK_U0 = 0;
    private static final int LINK_U3 = 3;
    private static final int LINK_RX_DETECT = 5;
    private static final int LINK_POLLING = 7;
    private static final int LINK_RESUME = 15;
    private static final int POWER_BIT = 1 << 9;
    private static final int SPEED_SHIFT = 10;
    private static final int LINK_WRITE_BIT = 1 << 16;
    private static final int CONNECT_CHANGE_BIT = 1 << 17;
    private static final int WARM_RESET_CHANGE_BIT = 1 << 19;
    private static final int RESET_CHANGE_BIT = 1 << 21;
    private static final int LINK_CHANGE_BIT = 1 << 22;
    private static final int CHANGE_BITS = 0x7F << 17;
    private static final int WAKE_BITS = 7 << 25;
    private static final int WARM_RESET_BIT = 1 << 31;

    private final boolean isUsb3;
    /** Null while nothing is plugged in. */
    private UsbDevice device;
    private int status;

    RootPort(boolean isUsb3) {
        this.isUsb3 = isUsb3;
        reset();
    }

    boolean isUsb3() {
        return isUsb3;
    }

    UsbDevice device() {
        return device;
    }

    /** True if the guest has reset the port since the device came, so that the device answers. */
    boolean isEnabled() {
        return device != null && (status & ENABLED_BIT) != 0;
    }

    /** @param newDevice null for none */
    void plug(UsbDevice newDevice) {
        device = newDevice;
        connect();
    }

    void reset() {
        status = POWER_BIT;
        connect();
        if (device == null) {
            status &= ~CONNECT_CHANGE_BIT;
        }
    }

    /** A device of USB 3 trains its link by itself; one of USB 2 waits for the reset. */
    private void connect() {
        status &= POWER_BIT | WAKE_BITS | CHANGE_BITS;
        int link = LINK_RX_DETECT;
        if (device != null) {
            status |= CONNECTED_BIT | device.speed().id() << SPEED_SHIFT;
            link = isUsb3 ? LINK_U0 : LINK_POLLING;
            if (isUsb3) {
                status |= ENABLED_BIT;
            }
        }
        setLink(link);
        status |= CONNECT_CHANGE_BIT;
    }

    private void setLink(int state) {
        status = status & ~LINK_STATE_MASK | state << LINK_STATE_SHIFT;
    }

    /** True if the guest has not taken notice of a change. */
    boolean hasChanged() {
        return (status & CHANGE_BITS) != 0;
    }

    int link() {
        return (status & LINK_STATE_MASK) >>> LINK_STATE_SHIFT;
    }

    int read(int offset) {
        return offset == 0 ? status : 0;
    }

    /**
     * The guest writes a register.
     *
     * @return true if a change of the port is to be told
     */
    boolean write(int offset, int value) {
        if (offset != 0) {
            return false;
        }
        if ((value & WARM_RESET_BIT) != 0 && isUsb3) {
            return resetBus(WARM_RESET_CHANGE_BIT);
        }
        if ((value & RESET_BIT) != 0) {
            return resetBus(0);
        }
        status &= ~(value & CHANGE_BITS);
        status = status & ~WAKE_BITS | value & WAKE_BITS;
        if ((value & ENABLED_BIT) != 0) {
            status &= ~ENABLED_BIT;
        }
        return (value & LINK_WRITE_BIT) != 0 && requestLink((value & LINK_STATE_MASK) >>> LINK_STATE_SHIFT);
    }

    /** Suspend and resume (section 4.15): the device goes along without a word. */
    private boolean requestLink(int wanted) {
        int link = link();
        if (wanted == LINK_U3 && link == LINK_U0) {
            setLink(LINK_U3);
        } else if (wanted == LINK_RESUME && link == LINK_U3) {
            setLink(LINK_RESUME);
        } else if (wanted == LINK_U0 && (link == LINK_U3 || link == LINK_RESUME)) {
            setLink(LINK_U0);
            return change(LINK_CHANGE_BIT);
        }
        return false;
    }

    private boolean resetBus(int furtherChange) {
        if (device == null) {
            return false;
        }
        device.reset();
        status |= ENABLED_BIT;
        setLink(LINK_U0);
        return change(RESET_CHANGE_BIT | furtherChange);
    }

    /** A change that is told: only if the guest has taken notice of those before. */
    private boolean change(int bits) {
        boolean wasQuiet = (status & bits) != bits;
        status |= bits;
        return wasQuiet;
    }

    void save(StateWriter out) {
        out.putInt("port", status);
    }

    void load(StateReader in) {
        status = in.getInt("port");
    }
}
