package jkvm.control.trace;

import java.util.ArrayList;
import java.util.List;
import jkvm.bus.AccessWatch;
import jkvm.bus.IoHandler;
import jkvm.bus.RegisterNames;
import jkvm.inspect.TraceEvents;

/**
 * Tells the guest's accesses to devices as events: {@code KIND_read} and {@code KIND_write} with the register's name,
 * and {@code memory_region_ops_read} and {@code memory_region_ops_write} of any device with the address.
 */
final class DeviceEvents implements AccessWatch {
    static final String ANY = "memory_region_ops";
    private static final String READ = "_read";
    private static final String WRITE = "_write";
    /** The kinds of devices whose registers have names. */
    private static final List<String> KINDS = List.of("acpi_pm", "e1000", "fw_cfg", "hpet", "mc146818_rtc", ANY,
            "pci_cfg", "pckbd", "serial", "virtio");

    private final TraceEvents events;

    DeviceEvents(TraceEvents events) {
        this.events = events;
    }

    /** The names of all events of devices. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (String kind : KINDS) {
            names.add(kind + READ);
            names.add(kind + WRITE);
        }
        return names;
    }

    @Override
    public IoHandler around(IoHandler handler, String owner, long start) {
        RegisterNames names = handler.registerNames();
        String kind = names == null ? "" : names.kind();
        Events wanted = new Events(events.isEnabled(kind + READ), events.isEnabled(kind + WRITE),
                events.isEnabled(ANY + READ), events.isEnabled(ANY + WRITE));
        return wanted.isNone() ? handler : new Told(handler, owner, start, names, wanted);
    }

    private record Events(boolean read, boolean write, boolean anyRead, boolean anyWrite) {
        boolean isNone() {
            return !read && !write && !anyRead && !anyWrite;
        }
    }

    private final class Told implements IoHandler {
        private final IoHandler handler;
        private final String owner;
        private final long start;
        private final RegisterNames names;
        private final Events wanted;

        Told(IoHandler handler, String owner, long start, RegisterNames names, Events wanted) {
            this.handler = handler;
            this.owner = owner;
            this.start = start;
            this.names = names;
            this.wanted = wanted;
        }

        @Override
        public long read(long offset, int size) {
            long value = handler.read(offset, size);
            tell(wanted.read, wanted.anyRead, READ, offset, size, value);
            return value;
        }

        @Override
        public void write(long offset, int size, long value) {
            // Before: what the device does because of it comes after.
            tell(wanted.write, wanted.anyWrite, WRITE, offset, size, value);
            handler.write(offset, size, value);
        }

        private void tell(boolean own, boolean any, String direction, long offset, int size, long value) {
            long seen = size == Long.BYTES ? value : value & (1L << size * Byte.SIZE) - 1;
            if (own) {
                events.tell(names.kind() + direction, names.at(offset) + " = " + text(seen) + " (" + owner + ")");
            }
            if (any) {
                events.tell(ANY + direction, "addr 0x%x value 0x%x size %d name '%s'".formatted(start + offset, seen,
                        size, owner));
            }
        }
    }

    private static String text(long value) {
        return value >= 0 && value < 10 ? Long.toString(value) : "0x" + Long.toHexString(value);
    }
}
