package jkvm.device.platform;

import java.util.Arrays;
import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Ports 0x80-0x8f: the DMA controllers' page registers, which are plain latches to a guest without ISA DMA. The first
 * takes the power-on self-test's progress codes, and a write to it is how PC software waits a microsecond.
 */
public final class PostPort implements Device, ByteIoHandler {
    public static final int PORT = 0x80;
    /** Ports that it decodes. */
    public static final int PORTS = 16;

    private static final int STATE_VERSION = 1;

    private final String name;
    private final byte[] latches = new byte[PORTS];

    public PostPort(String name) {
        this.name = name;
    }

    /** The byte written to port 0x80 last, 0-255. */
    public synchronized int lastCode() {
        return latches[0] & 0xff;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized int readByte(int offset) {
        return offset < PORTS ? latches[offset] & 0xff : 0xff;
    }

    @Override
    public synchronized void writeByte(int offset, int value) {
        if (offset < PORTS) {
            latches[offset] = (byte) value;
        }
    }

    @Override
    public synchronized void reset() {
        Arrays.fill(latches, (byte) 0);
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBytes("latches", latches);
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        System.arraycopy(in.getBytes("latches", PORTS), 0, latches, 0, PORTS);
    }
}
