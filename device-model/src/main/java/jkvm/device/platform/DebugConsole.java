package jkvm.device.platform;

import java.lang.System.Logger.Level;
import jkvm.bus.ByteIoHandler;
import jkvm.bus.StatelessDevice;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;

/**
 * QEMU's isa-debugcon: bytes written to one port go to the host, and reading it gives a fixed byte, by which software
 * knows that it is there. It has no flow control, so what the host does not take is lost, counted, and reported once.
 */
public final class DebugConsole implements StatelessDevice, ByteIoHandler, CharDevice {
    /** Where Bochs has it. */
    public static final int DEFAULT_PORT = 0xe9;
    /** Where SeaBIOS and OVMF print to. */
    public static final int FIRMWARE_PORT = 0x402;

    /** The value that reads give by default. */
    public static final int DEFAULT_READBACK = 0xe9;

    private final String name;
    private final int readback;
    private final Chardev chardev;
    private long lostBytes;

    /**
     * @param readback the byte that reading the port gives
     * @param chardev  gets this device connected, which takes no input
     */
    @SuppressWarnings("this-escape")
    public DebugConsole(String name, int readback, Chardev chardev) {
        this.name = name;
        this.readback = readback;
        this.chardev = chardev;
        chardev.connect(this);
    }

    /** How many bytes the host did not take. */
    public synchronized long lostBytes() {
        return lostBytes;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int readByte(int offset) {
        return readback;
    }

    @Override
    public synchronized void writeByte(int offset, int value) {
        if (chardev.transmit((byte) value)) {
            return;
        }
        if (lostBytes == 0) {
            System.getLogger(DebugConsole.class.getName()).log(Level.WARNING,
                    "{0}: the host does not keep up, output is lost", name);
        }
        lostBytes++;
    }

    @Override
    public int receivable() {
        return 0;
    }

    @Override
    public void receive(byte[] data, int offset, int length) {
        // Never called: nothing is receivable.
    }

    @Override
    public void writable() {
        // Nothing was kept.
    }

    @Override
    public void connected(boolean present) {
        // The guest cannot see it.
    }
}
