package jkvm.soft.kvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Fd;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.memory.MissingPages;
import jkvm.soft.observe.SoftObserver;
import jkvm.work.Clock;
import jkvm.work.InstructionClock;

/**
 * System calls with a KVM in them. {@code open("/dev/kvm")} gives a descriptor whose requests are answered here; all
 * calls that have nothing to do with KVM go on to the host. Any thread may call; each object is a KVM of its own.
 *
 * <p>Unmap and protect a guest's memory through this object only: it takes the pages away from the vCPUs first.
 */
public final class SoftKvm implements Syscalls, MissingPages.Host {
    private static final String DEVICE = "/dev/kvm";
    private static final long RUN = KvmIoctl.RUN.number();
    private static final int MFD_CLOEXEC = 1;
    private static final int MAP_FIXED = 0x10;
    private static final int SEEK_CUR = 1;

    private final Syscalls host;
    private final IntFunction<SoftObserver> observers;
    private final boolean compiles;
    private final InstructionClock counted;
    private final OptionalLong seed;
    private final ProcessMemory hostMemory;
    private final DescriptorTable descriptors = new DescriptorTable();
    private volatile SoftVm[] vms = {};
    private final EventWatch eventWatch;
    /** Counts changes of the process's mappings that this object has seen. */
    private final AtomicInteger mappingGeneration = new AtomicInteger();
    private final MemorySegment fileName = Arena.ofAuto().allocateFrom("kvm");
    /** Asked for when it is needed: an object is made before libc is linked. */
    private int processId;

    /** @param host the system calls of the host, which needs no KVM */
    public SoftKvm(Syscalls host) {
        this(host, vcpu -> null, true, null, OptionalLong.empty());
    }

    /** @param compiles whether hot guest code is compiled; without, all of it is interpreted */
    public SoftKvm(Syscalls host, boolean compiles) {
        this(host, vcpu -> null, compiles, null, OptionalLong.empty());
    }

    /**
     * @param host      the system calls of the host, which needs no KVM
     * @param observers gives each vCPU, by its number, who watches it from inside, or null
     * @param compiles  whether hot guest code is compiled; without, all of it is interpreted
     * @param counted   the clock of a VM whose time is counted in instructions, which has one vCPU; null for host time
     * @param seed      of the numbers that RDRAND and RDSEED give; without, they are random
     */
    public SoftKvm(Syscalls host, IntFunction<SoftObserver> observers, boolean compiles, InstructionClock counted,
            OptionalLong seed) {
        this.host = host;
        this.observers = observers;
        this.compiles = compiles;
        this.counted = counted;
        this.seed = seed;
        this.hostMemory = new ProcessMemory(host);
        this.eventWatch = new EventWatch(host, this);
    }

    @Override
    public long ioctl(int fd, long request, long argument) {
        SoftDescriptor descriptor = descriptors.get(fd);
        if (request == RUN && descriptor instanceof SoftVcpu vcpu) {
            return vcpu.run(argument);
        }
        return descriptor != null ? descriptor.ioctl(request, argument) : host.ioctl(fd, request, argument);
    }

    @Override
    public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        if (number == SyscallNumber.IOCTL) {
            return ioctl((int) a0, a1, a2);
        }
        if (number == SyscallNumber.WRITE) {
            return write(a0, a1, a2);
        }
        if (number == SyscallNumber.OPEN && isDevice(a0)) {
            return give(0, (a1 & Fd.O_CLOEXEC) != 0, new SystemDescriptor(this));
        }
        if (number == SyscallNumber.TGKILL) {
            kick((int) a0, (int) a1, (int) a2);
        }
        if (number >= SyscallNumber.MMAP && number <= SyscallNumber.MUNMAP) {
            return changeMapping((int) number, a0, a1, a2, a3, a4, a5);
        }
        SoftDescriptor descriptor = descriptors.get(a0);
        if (descriptor != null) {
            long refused = forFile(number, descriptor);
            if (refused != 0) {
                return refused;
            }
        }
        if (number == SyscallNumber.CLOSE) {
            return close(a0);
        }
        if (number == SyscallNumber.LSEEK && descriptor instanceof StatsDescriptor) {
            return host.call(number, a0, 0, SEEK_CUR, 0, 0, 0);
        }
        return host.call(number, a0, a1, a2, a3, a4, a5);
    }

    /**
     * Calls on a descriptor's file.
     *
     * @return zero to go on with the host's call
     */
    private long forFile(long number, SoftDescriptor descriptor) {
        if (number == SyscallNumber.READ || number == SyscallNumber.PREAD64) {
            return descriptor.beforeRead();
        }
        if (number == SyscallNumber.PWRITE64 || number == SyscallNumber.FTRUNCATE) {
            return descriptor.write();
        }
        return 0;
    }

    private long write(long fd, long address, long size) {
        SoftDescriptor descriptor = descriptors.get(fd);
        if (descriptor != null) {
            return descriptor.write();
        }
        if (size >= Long.BYTES && eventWatch.signalled(fd, address)) {
            return Long.BYTES;
        }
        return host.call(SyscallNumber.WRITE, fd, address, size, 0, 0, 0);
    }

    SoftObserver observer(int vcpu) {
        return observers.apply(vcpu);
    }

    /** The clock of the VMs. */
    Clock clock() {
        return counted == null ? Clock.HOST : counted;
    }

    /** The clock of time counted in instructions, or null. */
    InstructionClock instructionClock() {
        return counted;
    }

    /** The generator that RDRAND and RDSEED of a vCPU read; null for the host's. */
    Random random(int vcpu) {
        return seed.isEmpty() ? null : new Random(seed.getAsLong() + vcpu);
    }

    /** False where all guest code is interpreted. */
    boolean compiles() {
        return compiles;
    }

    private boolean isDevice(long path) {
        for (int i = 0; i <= DEVICE.length(); i++) {
            if ((i == 0 || (path + i & ProcessMemory.PAGE - 1) == 0) && !hostMemory.isReadable(path + i, 1)) {
                return false;
            }
            if (ProcessMemory.getByte(path + i) != (i < DEVICE.length() ? DEVICE.charAt(i) : 0)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Gives out a descriptor: the number of a file in memory.
     *
     * @param size of the file, in bytes
     * @return the number, or a negated errno
     */
    long give(long size, boolean closeOnExec, SoftDescriptor descriptor) {
        long fd = createFile(size, closeOnExec);
        if (!Syscalls.isError(fd)) {
            give((int) fd, descriptor);
        }
        return fd;
    }

    /** Gives out a file that {@link #createFile} made. */
    void give(int fd, SoftDescriptor descriptor) {
        descriptor.number = fd;
        descriptors.put(fd, descriptor);
    }

    /**
     * Makes a file in memory.
     *
     * @return its descriptor, or a negated errno
     */
    long createFile(long size, boolean closeOnExec) {
        long fd = host.call(SyscallNumber.MEMFD_CREATE, fileName.address(), closeOnExec ? MFD_CLOEXEC : 0, 0, 0, 0, 0);
        long resized = Syscalls.isError(fd) || size == 0 ? 0
                : host.call(SyscallNumber.FTRUNCATE, fd, size, 0, 0, 0, 0);
        if (Syscalls.isError(resized)) {
            host.call(SyscallNumber.CLOSE, fd, 0, 0, 0, 0, 0);
            return resized;
        }
        return fd;
    }

    private long close(long fd) {
        SoftDescriptor descriptor = descriptors.remove(fd);
        if (descriptor != null) {
            descriptor.closed();
        } else {
            eventWatch.closed(fd);
        }
        return host.call(SyscallNumber.CLOSE, fd, 0, 0, 0, 0, 0);
    }

    private long changeMapping(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        if (number == SyscallNumber.MMAP) {
            SoftDescriptor descriptor = (a3 & 0x20) != 0 ? null : descriptors.get(a4);
            if (descriptor != null) {
                return map(descriptor, a0, a1, a2, a3, a4, a5);
            }
            if ((a3 & MAP_FIXED) == 0) {
                return host.call(number, a0, a1, a2, a3, a4, a5);
            }
        }
        mappingGeneration.incrementAndGet();
        return takeAway(vms, vms.length - 1, number, a0, a1, a2, a3, a4, a5);
    }

    /** Makes the change while no vCPU of the VMs up to number {@code last} can use the pages. */
    private long takeAway(SoftVm[] all, int last, int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        int i = last;
        while (i >= 0 && !all[i].memory().overlaps(a0, a1)) {
            i--;
        }
        if (i < 0) {
            long result = host.call(number, a0, a1, a2, a3, a4, a5);
            mappingGeneration.incrementAndGet();
            return result;
        }
        MemorySlots memory = all[i].memory();
        memory.begin();
        try {
            memory.forget(a0, a1);
            return takeAway(all, i - 1, number, a0, a1, a2, a3, a4, a5);
        } finally {
            memory.end();
        }
    }

    /** Maps a descriptor's file; the coalesced ring of a vCPU is the one page that all vCPUs of a VM share. */
    private long map(SoftDescriptor descriptor, long address, long size, long protection, long flags, long fd,
            long offset) {
        if (!descriptor.isMappable()) {
            return NegatedErrno.ENODEV;
        }
        long result = host.call(SyscallNumber.MMAP, address, size, protection, flags, fd, offset);
        long ring = SoftVcpu.COALESCED_PAGE * ProcessMemory.PAGE;
        if (!Syscalls.isError(result) && offset <= ring && ring - offset < size) {
            long placed = host.call(SyscallNumber.MMAP, result + ring - offset, ProcessMemory.PAGE, protection,
                    flags | MAP_FIXED, ((SoftVcpu) descriptor).vm().ringFile(), 0);
            if (Syscalls.isError(placed)) {
                host.call(SyscallNumber.MUNMAP, result, size, 0, 0, 0, 0);
                return placed;
            }
        }
        return result;
    }

    /** A signal for a thread that is in KVM_RUN takes it out. The host sends it as well. */
    private void kick(int process, int thread, int signal) {
        if (process == processId() && signal != 0) {
            for (SoftVm vm : vms) {
                vm.signalThread(thread, signal);
            }
        }
    }

    @Override
    public long installInterruptingSignal(int signal) {
        return host.installInterruptingSignal(signal);
    }

    @Override
    public void await(long hostAddress, MissingPages pages) {
        for (SoftVm vm : vms) {
            if (vm.memory().overlaps(hostAddress, 1)) {
                vm.memory().await(pages);
            }
        }
    }

    Syscalls host() {
        return host;
    }

    ProcessMemory hostMemory() {
        return hostMemory;
    }

    EventWatch eventWatch() {
        return eventWatch;
    }

    int mappingGeneration() {
        return mappingGeneration.get();
    }

    int processId() {
        if (processId == 0) {
            processId = (int) host.call(SyscallNumber.GETPID, 0, 0, 0, 0, 0, 0);
        }
        return processId;
    }

    synchronized void add(SoftVm vm) {
        SoftVm[] after = Arrays.copyOf(vms, vms.length + 1);
        after[vms.length] = vm;
        vms = after;
    }

    synchronized void remove(SoftVm vm) {
        vms = Arrays.stream(vms).filter(other -> other != vm).toArray(SoftVm[]::new);
    }
}
