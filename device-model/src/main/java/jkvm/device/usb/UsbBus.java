package jkvm.device.usb;

/** The ports of a host controller. */
public interface UsbBus {

    /**
     * Plugs a device into a free port for its speed. Any thread may call.
     *
     * @param port from 1 among the ports for that speed; 0 for the first free one
     * @return the port's number from 1, or 0 if there is none free
     */
    int plug(UsbDevice device, int port);
}
