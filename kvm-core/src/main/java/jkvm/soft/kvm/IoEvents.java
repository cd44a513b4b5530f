package jkvm.soft.kvm;

import java.util.Arrays;
import jkvm.abi.KvmIoeventfd;

/**
 * ioeventfds of a VM (KVM API 4.59): writes of the guest that signal an event descriptor and do not exit. Looked up by
 * any vCPU without a lock.
 */
final class IoEvents {
    /** With the bits of notifications for other machines, which are taken and never match here. */
    private static final int FLAGS = 0x1F, CCW = 8;

    private record Event(EventDescriptor descriptor, long address, int length, boolean matches, long value) {
        boolean fires(int size, long written) {
            return (length == 0 || length == size) && (!matches || value == written);
        }

        boolean collides(Event other) {
            return address == other.address && (length == 0 || other.length == 0
                    || length == other.length && (!matches || !other.matches || value == other.value));
        }

        boolean isSame(Event other) {
            return descriptor.isSame(other.descriptor) && address == other.address && length == other.length
                    && matches == other.matches && (!matches || value == other.value);
        }
    }

    private final SoftVm vm;
    private final SoftKvm kvm;
    private volatile Event[] ports = {};
    private volatile Event[] memory = {};
    private volatile Event[] ccw = {};

    IoEvents(SoftVm vm) {
        this.vm = vm;
        this.kvm = vm.kvm;
    }

    /** KVM_IOEVENTFD with the struct at {@code address}. */
    long request(long address) {
        int flags = ProcessMemory.getInt(address + KvmIoeventfd.FLAGS_OFFSET);
        int length = ProcessMemory.getInt(address + KvmIoeventfd.LEN_OFFSET);
        long start = ProcessMemory.getLong(address + KvmIoeventfd.ADDR_OFFSET);
        long value = ProcessMemory.getLong(address + KvmIoeventfd.DATAMATCH_OFFSET);
        int fd = ProcessMemory.getInt(address + KvmIoeventfd.FD_OFFSET);
        boolean assign = (flags & KvmIoeventfd.DEASSIGN) == 0;
        boolean matches = (flags & KvmIoeventfd.DATAMATCH) != 0;
        if (assign && (length != 0 && length != 1 && length != 2 && length != 4 && length != 8
                || Long.compareUnsigned(start + length, start) < 0 || (flags & ~FLAGS) != 0
                || length == 0 && matches)) {
            return NegatedErrno.EINVAL;
        }
        EventDescriptor descriptor = EventDescriptor.of(kvm.host(), fd);
        if (descriptor.error() != 0) {
            return descriptor.error();
        }
        Event event = new Event(descriptor, start, length, matches, value);
        if (assign) {
            return assign(event, flags);
        }
        Event removed = deassign(event, flags);
        if (removed == null) {
            return NegatedErrno.ENOENT;
        }
        // A vCPU may be about to signal it: the descriptor goes when none can be.
        vm.memory().begin();
        vm.memory().end();
        removed.descriptor.release();
        return 0;
    }

    private Event[] bus(int flags) {
        return (flags & KvmIoeventfd.PIO) != 0 ? ports : (flags & CCW) != 0 ? ccw : memory;
    }

    private void bus(int flags, Event[] events) {
        if ((flags & KvmIoeventfd.PIO) != 0) {
            ports = events;
        } else if ((flags & CCW) != 0) {
            ccw = events;
        } else {
            memory = events;
        }
    }

    private synchronized long assign(Event event, int flags) {
        Event[] before = bus(flags);
        for (Event other : before) {
            if (event.collides(other)) {
                return NegatedErrno.EEXIST;
            }
        }
        long error = event.descriptor.keep();
        if (error != 0) {
            return error;
        }
        Event[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = event;
        Arrays.sort(after, (a, b) -> Long.compareUnsigned(a.address, b.address));
        bus(flags, after);
        return 0;
    }

    private synchronized Event deassign(Event event, int flags) {
        Event[] before = bus(flags);
        for (int i = 0; i < before.length; i++) {
            if (before[i].isSame(event)) {
                Event[] after = new Event[before.length - 1];
                System.arraycopy(before, 0, after, 0, i);
                System.arraycopy(before, i + 1, after, i, after.length - i);
                bus(flags, after);
                return before[i];
            }
        }
        return null;
    }

    /**
     * A write to a port.
     *
     * @return true if an event took it
     */
    boolean writePort(int port, int size, long value) {
        Event[] events = ports;
        return events.length != 0 && write(events, port, size, value);
    }

    /**
     * A write to memory.
     *
     * @return true if an event took it
     */
    boolean writeMemory(long gpa, int size, long value) {
        Event[] events = memory;
        return events.length != 0 && write(events, gpa, size, value);
    }

    /** True if a write to memory would be taken. */
    boolean takesMemory(long gpa, int size, long value) {
        Event[] events = memory;
        return events.length != 0 && find(events, gpa, size, value) != null;
    }

    private boolean write(Event[] events, long address, int size, long value) {
        Event event = find(events, address, size, value);
        if (event == null) {
            return false;
        }
        kvm.eventWatch().signal(event.descriptor);
        return true;
    }

    private static Event find(Event[] events, long address, int size, long value) {
        int low = 0;
        int high = events.length;
        while (low < high) {
            int middle = low + high >>> 1;
            if (Long.compareUnsigned(events[middle].address, address) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (int i = low; i < events.length && events[i].address == address; i++) {
            if (events[i].fires(size, value)) {
                return events[i];
            }
        }
        return null;
    }

    /** Releases all events, as the VM ends. */
    synchronized void close() {
        for (Event[] events : new Event[][] {ports, memory, ccw}) {
            for (Event event : events) {
                event.descriptor.release();
            }
        }
        ports = new Event[0];
        memory = new Event[0];
        ccw = new Event[0];
    }
}
