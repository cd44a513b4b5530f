package jkvm.device.vga;

import jkvm.bus.IoHandler;

/**
 * The second range of QEMU's adapter: the screen's description of itself, the ports from 3C0h on, the registers of
 * Bochs' display interface, and QEMU's own registers.
 */
final class VgaMmio implements IoHandler {
    static final int SIZE = 4096;
    private static final int PORTS_OFFSET = 0x400;
    private static final int PORTS_END = 0x420;
    private static final int FIRST_PORT = 0x3C0;
    private static final int DISPI_OFFSET = 0x500;
    private static final int DISPI_END = 0x516;
    private static final int EXTENDED_OFFSET = 0x600;
    private static final int EXTENDED_SIZE = 8;
    private static final int BYTE_ORDER_OFFSET = 0x604;
    private static final int LITTLE_ENDIAN = 0x1E1E1E1E;

    private final VgaCore core;
    private final VgaPorts ports;
    private final byte[] edid;

    /** @param edid empty for a screen that says nothing */
    VgaMmio(VgaCore core, byte[] edid) {
        this.core = core;
        this.ports = new VgaPorts(core, FIRST_PORT);
        this.edid = edid.clone();
    }

    @Override
    public long read(long offset, int size) {
        if (offset < PORTS_OFFSET) {
            return edid.length == 0 ? -1 : readEdid((int) offset, size);
        }
        if (offset < PORTS_END) {
            return ports.read(offset - PORTS_OFFSET, size);
        }
        if (offset >= DISPI_OFFSET && offset < DISPI_END) {
            return readDispi((int) (offset - DISPI_OFFSET), size);
        }
        if (size == Integer.BYTES && offset == EXTENDED_OFFSET) {
            return EXTENDED_SIZE;
        }
        return size == Integer.BYTES && offset == BYTE_ORDER_OFFSET ? LITTLE_ENDIAN : -1;
    }

    private long readEdid(int offset, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            long one = offset + i < edid.length ? edid[offset + i] & 0xFF : 0;
            value |= one << i * Byte.SIZE;
        }
        return value;
    }

    private long readDispi(int offset, int size) {
        synchronized (core) {
            long value = 0;
            for (int i = 0; i < size; i += Short.BYTES) {
                value |= (core.dispi().read(offset + i >> 1) & 0xFFFFL) << i * Byte.SIZE;
            }
            return value;
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset >= PORTS_OFFSET && offset < PORTS_END) {
            ports.write(offset - PORTS_OFFSET, size, value);
        } else if (offset >= DISPI_OFFSET && offset < DISPI_END) {
            synchronized (core) {
                for (int i = 0; i < size; i += Short.BYTES) {
                    core.dispi().write((int) (offset - DISPI_OFFSET) + i >> 1,
                            (int) (value >>> i * Byte.SIZE) & 0xFFFF);
                }
            }
        }
    }
}
