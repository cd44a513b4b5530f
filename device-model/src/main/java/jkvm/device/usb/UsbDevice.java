package jkvm.device.usb;

import jkvm.bus.Device;

/**
 * A device on a USB port, as its host controller sees it: packets, one after the other. A device that also hears from
 * elsewhere has a lock of its own; {@link #reset} is the bus's too: no address, no configuration, no input that waits.
 */
public interface UsbDevice extends Device {
    /** A packet's answer: nothing yet, ask again after {@link Port#ready()}. */
    int NAK = -1;
    /** A packet's answer: the request or the endpoint is refused. */
    int STALL = -2;

    /** What the device tells its port. */
    interface Port {

        /** An endpoint that answered {@link #NAK} may have something now. Any thread may call, with any lock held. */
        void ready();
    }

    /** How fast it is: decides into which ports it goes. */
    UsbSpeed speed();

    /** It is plugged in. Called once, before anything else. */
    void plugged(Port port);

    /**
     * A control transfer.
     *
     * @param data what the host sends; or room for {@link SetupPacket#length} bytes that the device sends
     * @return how many bytes the device sends, 0 for a request with data to the device, or {@link #STALL}
     */
    int control(SetupPacket setup, byte[] data);

    /**
     * The host asks an endpoint for data.
     *
     * @param endpoint its number, 1 to 15
     * @param data     gets it
     * @param length   at most so many bytes
     * @return how many bytes, {@link #NAK} or {@link #STALL}
     */
    int in(int endpoint, byte[] data, int length);

    /**
     * The host sends data to an endpoint.
     *
     * @return how many bytes it has taken, {@link #NAK} or {@link #STALL}
     */
    int out(int endpoint, byte[] data, int length);
}
