package jkvm.device.usb.xhci;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import jkvm.device.usb.UsbDevice;
import jkvm.device.usb.UsbSpeed;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The controller's ports, those of USB 3 first. Guarded by the controller's lock, but for devices that are ready. */
final class RootHub {
    private final RootPort[] ports;
    private final IntConsumer onChange;
    private final Runnable onReady;
    /** Ports whose devices have something, one bit each. */
    private final AtomicInteger ready = new AtomicInteger();

    /**
     * Empty ports.
     *
     * @param onChange told of a port whose change the guest is to hear of
     * @param onReady  called when a device has something, on any thread and with any lock held
     */
    RootHub(Xhci.Ports counts, IntConsumer onChange, Runnable onReady) {
        this.onChange = onChange;
        this.onReady = onReady;
        ports = new RootPort[counts.all()];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = new RootPort(i < counts.usb3());
        }
    }

    /** @see jkvm.device.usb.UsbBus#plug */
    int plug(UsbDevice device, int port) {
        boolean isUsb3 = device.speed() == UsbSpeed.SUPER;
        int number = 0;
        for (int i = 0; i < ports.length; i++) {
            number += ports[i].isUsb3() == isUsb3 ? 1 : 0;
            if (ports[i].isUsb3() == isUsb3 && ports[i].device() == null && (port == 0 || port == number)) {
                int bit = 1 << i;
                device.plugged(() -> {
                    ready.getAndUpdate(bits -> bits | bit);
                    onReady.run();
                });
                ports[i].plug(device);
                onChange.accept(i);
                return number;
            }
        }
        return 0;
    }

    /** The ports, one bit each, whose devices have become ready since the last call. */
    int takeReady() {
        return ready.getAndSet(0);
    }

    /** The device that answers on a port, counted from 1; null for none. */
    UsbDevice deviceAt(int port) {
        return port > 0 && port <= ports.length && ports[port - 1].isEnabled() ? ports[port - 1].device() : null;
    }

    /** Bytes of all ports' registers. */
    int size() {
        return ports.length * RootPort.SIZE;
    }

    int read(int offset) {
        return ports[offset / RootPort.SIZE].read(offset % RootPort.SIZE);
    }

    void write(int offset, int value) {
        int port = offset / RootPort.SIZE;
        if (ports[port].write(offset % RootPort.SIZE, value)) {
            onChange.accept(port);
        }
    }

    /** Tells the guest of all changes that it has not taken notice of. */
    void tellChanges() {
        for (int i = 0; i < ports.length; i++) {
            if (ports[i].hasChanged()) {
                onChange.accept(i);
            }
        }
    }

    /** Ports see their devices anew. */
    void reset() {
        for (RootPort port : ports) {
            if (port.device() != null) {
                port.device().reset();
            }
            port.reset();
        }
    }

    void save(StateWriter out) {
        out.putInt("ready", ready.get());
        for (RootPort port : ports) {
            port.save(out);
        }
    }

    void load(StateReader in) {
        ready.set(in.getInt("ready"));
        for (RootPort port : ports) {
            port.load(in);
        }
    }
}
