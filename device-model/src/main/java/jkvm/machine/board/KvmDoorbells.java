package jkvm.machine.board;

import jkvm.device.virtio.transport.QueueDoorbell;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.linux.EventFd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import jkvm.vm.Doorbell;
import jkvm.vm.VmIoEvents;

/** Doorbells by KVM's ioeventfd: the guest's write signals an event and the vCPU continues. */
public final class KvmDoorbells implements QueueDoorbells {
    private final Syscalls syscalls;
    private final VmIoEvents ioEvents;

    public KvmDoorbells(Syscalls syscalls, VmIoEvents ioEvents) {
        this.syscalls = syscalls;
        this.ioEvents = ioEvents;
    }

    @Override
    public QueueDoorbell open() {
        return new EventDoorbell(ioEvents, EventFd.blocking(syscalls));
    }

    private static final class EventDoorbell implements QueueDoorbell {
        private final VmIoEvents ioEvents;
        private final EventFd event;
        /** The doorbell that KVM has, to take back the same; null if none. */
        private Doorbell bound;
        private boolean closed;

        EventDoorbell(VmIoEvents ioEvents, EventFd event) {
            this.ioEvents = ioEvents;
            this.event = event;
        }

        @Override
        public void await() {
            event.await();
        }

        @Override
        public synchronized void ring() {
            if (!closed) {
                event.signal();
            }
        }

        /**
         * A guest may put two devices at one address, and KVM has a limit: then the write is an exit, as others are.
         */
        @Override
        public synchronized void listen(long address, int length, boolean matches, int value) {
            unlisten();
            Doorbell wanted = Doorbell.memory(address, length);
            wanted = matches ? wanted.matching(value) : wanted;
            try {
                ioEvents.add(event, wanted);
                bound = wanted;
            } catch (LinuxException _) {
                // The device wakes the worker.
            }
        }

        @Override
        public synchronized void unlisten() {
            if (bound != null) {
                ioEvents.remove(event, bound);
                bound = null;
            }
        }

        @Override
        public synchronized void close() {
            unlisten();
            closed = true;
            event.close();
        }
    }
}
