package jkvm.machine;

import jkvm.device.virtio.transport.DoorbellBinder;
import jkvm.linux.EventFd;
import jkvm.linux.LinuxException;
import jkvm.vm.Doorbell;
import jkvm.vm.VmIoEvents;

/** Doorbells by KVM's ioeventfd: the guest's write signals the event and the vCPU goes on. */
final class KvmDoorbells implements DoorbellBinder {
    private final VmIoEvents ioEvents;

    KvmDoorbells(VmIoEvents ioEvents) {
        this.ioEvents = ioEvents;
    }

    private static Doorbell doorbell(long address, int length, boolean matches, int value) {
        Doorbell doorbell = Doorbell.memory(address, length);
        return matches ? doorbell.matching(value) : doorbell;
    }

    /** A guest may put two devices at one address, and KVM has a limit: then the write is an exit, as others are. */
    @Override
    public boolean bind(EventFd event, long address, int length, boolean matches, int value) {
        try {
            ioEvents.add(event, doorbell(address, length, matches, value));
            return true;
        } catch (LinuxException refused) {
            return false;
        }
    }

    @Override
    public void unbind(EventFd event, long address, int length, boolean matches, int value) {
        ioEvents.remove(event, doorbell(address, length, matches, value));
    }
}
