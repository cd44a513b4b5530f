package jkvm.vm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Fd;
import jkvm.linux.InterruptSignal;
import jkvm.linux.LinuxException;
import jkvm.linux.Mapping;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/**
 * A VM descriptor: memory, interrupt controllers, vCPUs. Any thread may call. Owns its vCPUs and the arena that guest
 * memory lives in ({@link #arena()}).
 */
public final class Vm implements AutoCloseable {
    private static final int REGION_SIZE = 32;

    private final KvmFd fd;
    private final int vcpuMmapSize;
    private final Arena arena = Arena.ofShared();
    private final InterruptSignal interruptSignal;
    private final List<Vcpu> vcpus = new ArrayList<>();

    Vm(Fd fd, int vcpuMmapSize) {
        this.fd = new KvmFd(fd, fd);
        this.vcpuMmapSize = vcpuMmapSize;
        this.interruptSignal = new InterruptSignal(fd.syscalls());
    }

    /** Memory allocated here lives until {@link #close()}, after the last vCPU has left KVM_RUN. */
    public Arena arena() {
        return arena;
    }

    public Syscalls syscalls() {
        return fd.fd().syscalls();
    }

    /** The value of a capability for this VM, zero if it is absent (KVM API 4.4). */
    public int checkExtension(KvmCap capability) {
        return fd.checkExtension(capability);
    }

    /** Gives the guest all regions of {@code memory}, in slots from zero on. */
    public void setMemory(GuestMemory memory) {
        int slot = 0;
        for (MemoryRegion region : memory.regions()) {
            setMemoryRegion(slot++, 0, region.start(), region.size(), region.hostAddress());
        }
    }

    /**
     * KVM_SET_USER_MEMORY_REGION (KVM API 4.35).
     *
     * @param size in bytes, a multiple of the page size; zero removes the slot
     */
    public void setMemoryRegion(int slot, int flags, long guestAddress, long size, long hostAddress) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment region = call.allocate(REGION_SIZE, 8);
            region.set(ValueLayout.JAVA_INT, 0, slot);
            region.set(ValueLayout.JAVA_INT, 4, flags);
            region.set(ValueLayout.JAVA_LONG, 8, guestAddress);
            region.set(ValueLayout.JAVA_LONG, 16, size);
            region.set(ValueLayout.JAVA_LONG, 24, hostAddress);
            fd.ioctl(KvmIoctl.SET_USER_MEMORY_REGION, region.address());
        }
    }

    /** Where KVM may keep three pages for real mode on Intel hosts (KVM API 4.37). Before the first vCPU. */
    public void setTssAddress(long guestAddress) {
        fd.ioctl(KvmIoctl.SET_TSS_ADDR, guestAddress);
    }

    /** PIC, IOAPIC and LAPICs in the kernel (KVM API 4.24). Before the first vCPU. */
    public void createIrqchip() {
        fd.ioctl(KvmIoctl.CREATE_IRQCHIP, 0);
    }

    /**
     * Creates a vCPU.
     *
     * @param id its number and APIC id, from zero on
     * @throws LinuxException if the id is taken or the host's limit is reached
     */
    public synchronized Vcpu createVcpu(int id) {
        long number = fd.ioctl(KvmIoctl.CREATE_VCPU, id);
        Fd vcpuFd = new Fd(syscalls(), (int) number, "vCPU " + id);
        MemorySegment shared;
        try {
            shared = Mapping.map(syscalls(), arena, vcpuMmapSize, Mapping.MAP_SHARED, (int) number, 0, "kvm_run");
        } catch (LinuxException e) {
            vcpuFd.close();
            throw e;
        }
        Vcpu vcpu = new Vcpu(id, new KvmFd(vcpuFd, fd.fd()), shared, interruptSignal);
        vcpus.add(vcpu);
        return vcpu;
    }

    /** Closes the vCPUs, taking each out of KVM_RUN first, then the VM, then its memory. */
    @Override
    public synchronized void close() {
        if (fd.fd().isClosed()) {
            return;
        }
        for (Vcpu vcpu : vcpus) {
            vcpu.close();
        }
        fd.close();
        arena.close();
    }
}
