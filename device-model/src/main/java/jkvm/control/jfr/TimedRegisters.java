package jkvm.control.jfr;

import jkvm.bus.IoHandler;
import jkvm.bus.RegisterNames;

/** Tells each access to a range of a device's registers, and hands it on. */
final class TimedRegisters implements IoHandler {
    private final IoHandler handler;
    private final String device;
    private final long start;
    private final RegisterNames names;

    /** @param start the range's first address */
    TimedRegisters(IoHandler handler, String device, long start) {
        this.handler = handler;
        this.device = device;
        this.start = start;
        names = handler.registerNames();
    }

    @Override
    public long read(long offset, int size) {
        AccessEvent event = new AccessEvent();
        event.begin();
        long value = handler.read(offset, size);
        commit(event, "read", offset, size, value);
        return value;
    }

    @Override
    public void write(long offset, int size, long value) {
        AccessEvent event = new AccessEvent();
        event.begin();
        handler.write(offset, size, value);
        commit(event, "write", offset, size, value);
    }

    private void commit(AccessEvent event, String direction, long offset, int size, long value) {
        event.end();
        if (event.shouldCommit()) {
            event.device = device;
            event.register = names == null ? "0x" + Long.toHexString(offset) : names.at(offset);
            event.direction = direction;
            event.address = start + offset;
            event.size = size;
            event.value = size == Long.BYTES ? value : value & (1L << size * Byte.SIZE) - 1;
            event.commit();
        }
    }

    @Override
    public RegisterNames registerNames() {
        return names;
    }
}
