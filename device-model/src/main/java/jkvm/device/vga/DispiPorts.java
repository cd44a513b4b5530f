package jkvm.device.vga;

import jkvm.bus.IoHandler;

/** The ports of Bochs' display interface, each 16 bits wide: an index, and its data at the next two ports. */
final class DispiPorts implements IoHandler {
    static final int FIRST_PORT = 0x1CE;
    static final int COUNT = 4;

    private final VgaCore core;

    DispiPorts(VgaCore core) {
        this.core = core;
    }

    @Override
    public long read(long offset, int size) {
        if (size != Short.BYTES || offset > 2) {
            return -1;
        }
        synchronized (core) {
            return offset == 0 ? core.dispi().index() : core.dispi().read();
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        if (size != Short.BYTES || offset > 2) {
            return;
        }
        synchronized (core) {
            if (offset == 0) {
                core.dispi().setIndex((int) value);
            } else {
                core.dispi().write((int) value);
            }
        }
    }
}
