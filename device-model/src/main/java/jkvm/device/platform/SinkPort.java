package jkvm.device.platform;

import jkvm.bus.IoHandler;
import jkvm.bus.StatelessDevice;

/** A port that software pokes to pass time, such as 0xed: reads give all ones, writes vanish. */
public final class SinkPort implements StatelessDevice, IoHandler {
    private final String name;

    public SinkPort(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long read(long offset, int size) {
        return -1;
    }

    @Override
    public void write(long offset, int size, long value) {
        // This is what the port is for.
    }
}
