package jkvm.vm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmClockData;
import jkvm.abi.KvmCreateDevice;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmMsrFilter;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.abi.KvmUserspaceMemoryRegion2;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.InterruptSignal;
import jkvm.linux.LinuxException;
import jkvm.linux.Mapping;
import jkvm.linux.Syscalls;
import jkvm.memory.DirtyPages;
import jkvm.memory.DirtyTracking;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.memory.MissingPages;

/**
 * A VM descriptor: memory, vCPUs, clock, and its parts: {@link #interrupts()}, {@link #ioEvents()},
 * {@link #dirtyLog()}. Any thread may call. Owns its vCPUs and the arena that guest memory lives in ({@link #arena()}).
 *
 * {@snippet :
 * try (Kvm kvm = Accelerators.open("soft").openKvm(); Vm vm = kvm.createVm()) {
 *     GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), 1 << 20);
 *     vm.setMemory(memory);              // from guest physical address zero on
 *     vm.setTssAddress(KvmLayout.TSS_ADDRESS);    // before the first vCPU: Intel's processors need it for real mode
 *     vm.createIrqchip();                // PIC, IOAPIC and LAPICs in the kernel, before the first vCPU too
 *     Vcpu vcpu = vm.createVcpu(0);
 *     vm.irqLine(4, true);               // the serial port's line
 *     vm.irqLine(4, false);
 * }
 * }
 */
public final class Vm implements AutoCloseable {
    private static final long RETRY_NANOS = 1_000_000;
    private static final int CLOSE_RETRIES = 5_000;

    private final KvmFd fd;
    private final int vcpuMmapSize;
    private final Arena arena = Arena.ofShared();
    private final InterruptSignal interruptSignal;
    private final VmInterrupts interrupts;
    private final VmIoEvents ioEvents;
    private final VmDirtyLog dirtyLog;
    private final RamLog ramLog = new RamLog(this);
    /** Null before the first {@link #trackWrites}. Guarded by this. */
    private DirtyTracking tracking;
    private final List<Vcpu> vcpus = new ArrayList<>();

    Vm(Fd fd, int vcpuMmapSize, InterruptSignal interruptSignal) {
        this.fd = new KvmFd(fd, fd);
        this.vcpuMmapSize = vcpuMmapSize;
        this.interruptSignal = interruptSignal;
        this.interrupts = new VmInterrupts(this.fd);
        this.ioEvents = new VmIoEvents(this.fd);
        this.dirtyLog = new VmDirtyLog(this.fd, arena);
    }

    /** Memory allocated here lives until {@link #close()}, after the last vCPU has left KVM_RUN. */
    public Arena arena() {
        return arena;
    }

    /** The system calls that the KVM of this VM was opened with. */
    public Syscalls syscalls() {
        return fd.fd().syscalls();
    }

    boolean isClosed() {
        return fd.fd().isClosed();
    }

    /** The value of a capability for this VM, zero if it is absent (KVM API 4.4). */
    public int checkExtension(KvmCap capability) {
        return fd.checkExtension(capability);
    }

    /**
     * KVM_ENABLE_CAP for this VM.
     *
     * @throws MissingCapabilityException if this KVM lacks it
     */
    public void enableCapability(KvmCap capability, long... arguments) {
        fd.enable(capability, arguments);
    }

    /** Interrupt controllers, lines, routes, MSIs, event descriptors that interrupt. */
    public VmInterrupts interrupts() {
        return interrupts;
    }

    /** Port and memory writes that need no exit, or not at once. */
    public VmIoEvents ioEvents() {
        return ioEvents;
    }

    /** The log of pages that the guest wrote. */
    public VmDirtyLog dirtyLog() {
        return dirtyLog;
    }

    /**
     * Tells one more user which pages of the guest's RAM change from now on. No vCPU runs and no device writes
     * meanwhile.
     *
     * @param memory the guest's, the same at each call
     */
    public synchronized DirtyPages trackWrites(GuestMemory memory) {
        if (tracking == null) {
            tracking = new DirtyTracking(memory, ramLog);
        }
        return tracking.open();
    }

    /** What waits for pages of the guest's RAM that come late; empty on the host's KVM, whose guest cannot wait. */
    public Optional<MissingPages.Host> pageHost() {
        return fd.fd().syscalls() instanceof MissingPages.Host host ? Optional.of(host) : Optional.empty();
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
     * @param flags of {@link KvmUserspaceMemoryRegion}
     * @param size  in bytes, a multiple of the page size; zero removes the slot
     */
    public void setMemoryRegion(int slot, int flags, long guestAddress, long size, long hostAddress) {
        ramLog.set(slot, flags, guestAddress, size, hostAddress);
    }

    void setSlot(int slot, int flags, long guestAddress, long size, long hostAddress) {
        KvmUserspaceMemoryRegion region = new KvmUserspaceMemoryRegion();
        region.slot(slot);
        region.flags(flags);
        region.guestPhysAddr(guestAddress);
        region.memorySize(size);
        region.userspaceAddr(hostAddress);
        fd.ioctl(KvmIoctl.SET_USER_MEMORY_REGION, region);
    }

    /** KVM_SET_USER_MEMORY_REGION2: as above, with a guest memory file (KVM API 4.140). */
    public void setMemoryRegion2(KvmUserspaceMemoryRegion2 region) {
        fd.ioctl(KvmIoctl.SET_USER_MEMORY_REGION2, region);
    }

    /** Sets where KVM keeps three pages for real mode on Intel hosts (KVM API 4.36). Before the first vCPU. */
    public void setTssAddress(long guestAddress) {
        fd.ioctl(KvmIoctl.SET_TSS_ADDR, guestAddress);
    }

    /** Sets where KVM keeps one page for real mode on Intel hosts (KVM API 4.40). Before the first vCPU. */
    public void setIdentityMapAddress(long guestAddress) {
        try (Arena call = Arena.ofConfined()) {
            fd.ioctl(KvmIoctl.SET_IDENTITY_MAP_ADDR,
                    call.allocateFrom(ValueLayout.JAVA_LONG, guestAddress).address());
        }
    }

    /** Creates PIC, IOAPIC and LAPICs in the kernel (KVM API 4.24). Before the first vCPU. */
    public void createIrqchip() {
        interrupts.createIrqchip();
    }

    /** Creates the interval timer in the kernel (KVM API 4.71). After {@link #createIrqchip()}. */
    public void createPit2() {
        interrupts.createPit2(0);
    }

    /** Sets the level of an interrupt line; an edge is high, then low (KVM API 4.25). Allocates nothing. */
    public void irqLine(int gsi, boolean level) {
        interrupts.irqLine(gsi, level);
    }

    /** The clock that kvmclock guests see (KVM_GET_CLOCK). */
    public KvmClockData clock() {
        KvmClockData clock = new KvmClockData();
        fd.ioctl(KvmIoctl.GET_CLOCK, clock);
        return clock;
    }

    /** Sets the clock that kvmclock guests see (KVM_SET_CLOCK); of the flags only REALTIME may be set. */
    public void clock(KvmClockData clock) {
        fd.ioctl(KvmIoctl.SET_CLOCK, clock);
    }

    /** Sets the number of the boot processor, zero by default. Before the first vCPU. */
    public void setBootCpu(int id) {
        fd.ioctl(KvmIoctl.SET_BOOT_CPU_ID, id);
    }

    /** Sets which model-specific registers the guest may use (KVM API 4.97). */
    public void msrFilter(KvmMsrFilter filter) {
        fd.ioctl(KvmIoctl.X86_SET_MSR_FILTER, filter);
    }

    /** True where this kernel has a device of the type (KVM_CREATE_DEVICE_TEST). */
    public boolean hasDevice(int type) {
        fd.require(KvmCap.DEVICE_CTRL);
        return !Syscalls.isError(fd.tryIoctl(KvmIoctl.CREATE_DEVICE, device(type, KvmCreateDevice.TEST)));
    }

    /**
     * Creates a device in the kernel (KVM API 4.79); to be closed by the caller.
     *
     * @param type of {@link KvmCreateDevice}
     */
    public KvmDevice createDevice(int type) {
        KvmCreateDevice device = device(type, 0);
        long result = fd.tryIoctl(KvmIoctl.CREATE_DEVICE, device);
        if (result == -Errno.ENODEV.code()) {
            throw new LinuxException("KVM_CREATE_DEVICE type " + type, Errno.ENODEV.code(), "this KVM lacks it");
        }
        if (Syscalls.isError(result)) {
            throw fd.failure(KvmIoctl.CREATE_DEVICE, (int) -result);
        }
        return new KvmDevice(new Fd(syscalls(), device.fd(), "KVM device of type " + type));
    }

    private static KvmCreateDevice device(int type, int flags) {
        KvmCreateDevice device = new KvmCreateDevice();
        device.type(type);
        device.flags(flags);
        return device;
    }

    /** Statistics of the VM; to be closed by the caller. */
    public KvmStats stats() {
        return fd.stats();
    }

    /**
     * Issues a request that has no method of its own.
     *
     * @param argument an integer or the address of a struct
     */
    public long ioctl(KvmIoctl request, long argument) {
        return fd.ioctl(request, argument);
    }

    /**
     * Creates a vCPU.
     *
     * @param id its number and APIC id, from zero on
     * @throws LinuxException if the id is taken or the host's limit is reached
     */
    public synchronized Vcpu createVcpu(int id) {
        long number = fd.tryIoctl(KvmIoctl.CREATE_VCPU, id);
        if (Syscalls.isError(number)) {
            throw vcpuFailure(id, (int) -number);
        }
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

    private RuntimeException vcpuFailure(int id, int errno) {
        return switch (Errno.of(errno)) {
            case EEXIST -> new LinuxException("KVM_CREATE_VCPU " + id, errno, "the VM has a vCPU of this number");
            case EINVAL -> new LinuxException("KVM_CREATE_VCPU " + id, errno,
                    "this host allows %d vCPUs, numbers below %d".formatted(checkExtension(KvmCap.MAX_VCPUS),
                            checkExtension(KvmCap.MAX_VCPU_ID)));
            default -> fd.failure(KvmIoctl.CREATE_VCPU, errno);
        };
    }

    /**
     * Closes the vCPUs, taking each out of KVM_RUN first, then the VM, then its memory. Waits some seconds for other
     * threads that have guest memory in use for a file or socket transfer.
     *
     * @throws IllegalStateException if they still have then; the memory is not freed in this case
     */
    @Override
    public synchronized void close() {
        if (fd.fd().isClosed()) {
            return;
        }
        for (Vcpu vcpu : vcpus) {
            vcpu.close();
        }
        fd.close();
        for (int attempt = 0; ; attempt++) {
            try {
                arena.close();
                return;
            } catch (IllegalStateException e) {
                if (attempt >= CLOSE_RETRIES) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }
}
