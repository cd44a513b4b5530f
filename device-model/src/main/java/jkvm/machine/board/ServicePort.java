package jkvm.machine.board;

import jkvm.bios.Bios;
import jkvm.bus.IoHandler;
import jkvm.bus.StatelessDevice;

/** The port to which the code of the built-in BIOS's ROM writes where the frame of a call lies. */
final class ServicePort implements StatelessDevice, IoHandler {
    static final int PORT = 0x4A4C;
    static final int PORTS = 4;

    private final Bios bios;

    ServicePort(Bios bios) {
        this.bios = bios;
    }

    @Override
    public String name() {
        return "bios-services";
    }

    @Override
    public long read(long offset, int size) {
        return -1;
    }

    /** Stack segment in the upper half, offset of the frame in the lower. */
    @Override
    public void write(long offset, int size, long value) {
        if (offset == 0 && size == PORTS) {
            bios.answer((int) (value >>> Short.SIZE) & 0xFFFF, (int) value & 0xFFFF);
        }
    }
}
