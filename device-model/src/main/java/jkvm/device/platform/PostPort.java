package jkvm.device.platform;

import java.util.Arrays;
import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Ports 0x80-0x8f: the page registers of the {@link DmaController DMA controllers}, and plain latches. The first
 * takes the power-on self-test's progress codes, and a write to it is how PC software waits a microsecond.
 */
public final class PostPort implements Device, ByteIoHandler {
    public static final int PORT = 0x80;
    /** Ports that it decodes. */
    public static final int PORTS = 16;

    private static final int STATE_VERSION = 1;
    /** Where the page registers of the DMA channels are. */
    private static final int[] PAGE_OFFSETS = {0x7, 0x3, 0x1, 0x2, 0xf, 0xb, 0x9, 0xa};

    private final String name;
    private final byte[] latches = new byte[PORTS];

    public PostPort(String name) {
        this.name = name;
    }

    /** The byte written to port 0x80 last, 0-255. */
    public synchronized int lastCode() {
        return latches[0] & 0xff;
    }

    /**
     * The page register of a DMA channel, 0-255.
     *
     * @param channel 0 to 7
     */
    public synchronized int page(int channel) {
        return latches[PAGE_OFFSETS[channel]] & 0xff;
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
