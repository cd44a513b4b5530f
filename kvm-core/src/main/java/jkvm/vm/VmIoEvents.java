package jkvm.vm;

import jkvm.abi.KvmCap;
import jkvm.abi.KvmCoalescedMmioZone;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmIoeventfd;
import jkvm.linux.EventFd;
import jkvm.linux.Syscalls;

/** A guest's port and memory writes that need no exit of their own. Any thread may call. */
public final class VmIoEvents {
    private final KvmFd fd;

    VmIoEvents(KvmFd fd) {
        this.fd = fd;
    }

    /** Makes writes that ring {@code doorbell} signal {@code event} instead of exiting (KVM API 4.59). */
    public void add(EventFd event, Doorbell doorbell) {
        ioeventfd(event, doorbell, 0);
    }

    /** Undoes {@link #add} with the same arguments. */
    public void remove(EventFd event, Doorbell doorbell) {
        ioeventfd(event, doorbell, KvmIoeventfd.DEASSIGN);
    }

    private void ioeventfd(EventFd event, Doorbell doorbell, int flags) {
        KvmIoeventfd ioeventfd = new KvmIoeventfd();
        ioeventfd.fd(event.number());
        ioeventfd.addr(doorbell.address());
        ioeventfd.len(doorbell.length());
        ioeventfd.datamatch(doorbell.value());
        ioeventfd.flags(flags | (doorbell.port() ? KvmIoeventfd.PIO : 0)
                | (doorbell.matches() ? KvmIoeventfd.DATAMATCH : 0));
        long result = fd.tryIoctl(KvmIoctl.IOEVENTFD, ioeventfd);
        if (Syscalls.isError(result)) {
            if (doorbell.length() == 0) {
                fd.require(KvmCap.IOEVENTFD_ANY_LENGTH);
            }
            throw fd.failure(KvmIoctl.IOEVENTFD, (int) -result);
        }
    }

    /** Collects writes to {@code [address, address + size)} in the ring instead of exiting (KVM API 4.116). */
    public void coalesceMemory(long address, int size) {
        zone(KvmIoctl.REGISTER_COALESCED_MMIO, address, size, false);
    }

    /** Undoes {@link #coalesceMemory} for the same addresses. */
    public void uncoalesceMemory(long address, int size) {
        zone(KvmIoctl.UNREGISTER_COALESCED_MMIO, address, size, false);
    }

    /** Collects writes to {@code size} ports from {@code port} on in the ring instead of exiting (KVM API 4.116). */
    public void coalescePorts(int port, int size) {
        fd.require(KvmCap.COALESCED_PIO);
        zone(KvmIoctl.REGISTER_COALESCED_MMIO, port, size, true);
    }

    /** Undoes {@link #coalescePorts} for the same ports. */
    public void uncoalescePorts(int port, int size) {
        fd.require(KvmCap.COALESCED_PIO);
        zone(KvmIoctl.UNREGISTER_COALESCED_MMIO, port, size, true);
    }

    private void zone(KvmIoctl request, long address, int size, boolean port) {
        KvmCoalescedMmioZone zone = new KvmCoalescedMmioZone();
        zone.addr(address);
        zone.size(size);
        zone.pio(port);
        fd.ioctl(request, zone);
    }

    /**
     * The ring of collected writes. There is one for the whole VM, seen through any of its vCPUs; it must be drained
     * before each exit is handled, lest later writes overtake earlier ones.
     */
    public CoalescedRing coalescedRing(Vcpu vcpu) {
        fd.require(KvmCap.COALESCED_MMIO);
        return new CoalescedRing(vcpu.kvmRun().segment(), fd.checkExtension(KvmCap.COALESCED_MMIO));
    }
}
