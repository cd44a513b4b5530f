package jkvm.device.usb.xhci;

import jkvm.memory.GuestMemory;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A device slot (xHCI section 4.5): a device that the guest has found, and its endpoints. Its contexts are in RAM.
 * Guarded by the controller's lock.
 */
final class DeviceSlot {
    private final GuestMemory memory;
    private final Endpoint[] endpoints = new Endpoint[DeviceContext.ENDPOINTS + 1];
    private boolean enabled;
    /** Number of the root port, from 1; 0 before the device is addressed. */
    private int port;
    /** One of {@link DeviceContext}'s; 0 before the device is addressed. */
    private int state;
    /** The guest's copy of the contexts. */
    private long context;

    DeviceSlot(GuestMemory memory) {
        this.memory = memory;
    }

    boolean isEnabled() {
        return enabled;
    }

    void enable() {
        enabled = true;
    }

    void disable() {
        for (int i = 1; i < endpoints.length; i++) {
            endpoints[i] = null;
        }
        enabled = false;
        port = 0;
        state = 0;
        context = 0;
    }

    /** True if the guest has given it a device. */
    boolean isAddressed() {
        return port != 0;
    }

    void address(int newPort, long newContext) {
        port = newPort;
        context = newContext;
    }

    int port() {
        return port;
    }

    long context() {
        return context;
    }

    int state() {
        return state;
    }

    /** Tells the guest in its context, with the address that the device has in this state. */
    void setState(int newState, int address) {
        state = newState;
        DeviceContext.writeState(memory, context, address, newState);
        DeviceContext.writeEntries(memory, context, lastEndpoint());
    }

    /** @return null if it is not configured, also for an index that no endpoint has */
    Endpoint endpoint(int index) {
        return index > 0 && index < endpoints.length ? endpoints[index] : null;
    }

    /** @param input the wish of the guest, a valid one */
    void configure(int index, long input) {
        if (endpoints[index] == null) {
            endpoints[index] = new Endpoint(memory, index);
        }
        endpoints[index].configure(input, DeviceContext.inOutput(context, index));
    }

    void drop(int index) {
        if (endpoints[index] != null) {
            endpoints[index].disable();
            endpoints[index] = null;
        }
    }

    /** Drops all endpoints but the default one. */
    void dropAll() {
        for (int i = 2; i < endpoints.length; i++) {
            drop(i);
        }
    }

    /** Endpoints whose device had nothing for them, by index. */
    int waiting() {
        int bits = 0;
        for (int i = 1; i < endpoints.length; i++) {
            if (endpoints[i] != null && endpoints[i].isWaiting()) {
                bits |= 1 << i;
            }
        }
        return bits;
    }

    int lastEndpoint() {
        int last = endpoints.length - 1;
        while (last > 0 && endpoints[last] == null) {
            last--;
        }
        return last;
    }

    void save(StateWriter out) {
        out.putBoolean("enabled", enabled);
        out.putInt("slot port", port);
        out.putInt("slot state", state);
        out.putLong("slot context", context);
        for (int i = 1; i < endpoints.length; i++) {
            out.putBoolean("endpoint", endpoints[i] != null);
            if (endpoints[i] != null) {
                endpoints[i].save(out);
            }
        }
    }

    void load(StateReader in) {
        disable();
        enabled = in.getBoolean("enabled");
        port = in.getInt("slot port", 0, Xhci.MAX_PORTS);
        state = in.getInt("slot state", 0, DeviceContext.SLOT_CONFIGURED);
        context = in.getLong("slot context");
        if (isAddressed() && !memory.contains(context, DeviceContext.WHOLE)) {
            throw new StateException("contexts of a USB device outside of RAM");
        }
        for (int i = 1; i < endpoints.length; i++) {
            if (in.getBoolean("endpoint")) {
                endpoints[i] = new Endpoint(memory, i);
                endpoints[i].load(in, DeviceContext.inOutput(context, i));
            }
        }
    }
}
