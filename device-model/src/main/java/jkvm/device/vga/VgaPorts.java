package jkvm.device.vga;

import jkvm.bus.IoHandler;

/** Some of the ports of a VGA, each one byte wide: a longer access is one of each port after the other. */
final class VgaPorts implements IoHandler {
    private final VgaCore core;
    private final int first;

    /** @param first the port at offset zero */
    VgaPorts(VgaCore core, int first) {
        this.core = core;
        this.first = first;
    }

    @Override
    public long read(long offset, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (long) core.readPort(first + (int) offset + i) << i * Byte.SIZE;
        }
        return value;
    }

    @Override
    public void write(long offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            core.writePort(first + (int) offset + i, (int) (value >>> i * Byte.SIZE) & 0xFF);
        }
    }
}
