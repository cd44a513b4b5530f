package jkvm.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import jkvm.abi.KvmEnableCap;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmStruct;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.InterruptSignal;
import jkvm.linux.LinuxException;
import jkvm.linux.Mapping;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.vm.Kvm;
import jkvm.work.Threads;

/**
 * The KVM that a case is tried on: its system descriptor, one VM, the vCPUs and memory that the case asks for. Results
 * are negated errnos as the kernel gives them, and nothing is explained or retried. One thread.
 */
public final class Subject implements AutoCloseable {
    /** Where guest code begins, in real mode with all segments at 0. */
    public static final int CODE = 0x1000;
    /** Guest memory of {@link #guest(String)}. */
    public static final int MEMORY_SIZE = 1 << 20;
    private static final int STACK = 0x8000;
    private static final long PATIENCE_MILLIS = 3_000;
    private static final long KICK_INTERVAL_NANOS = 1_000_000;

    private final Syscalls syscalls;
    private final InterruptSignal signal;
    private final Arena arena = Arena.ofShared();
    private final List<Integer> descriptors = new ArrayList<>();
    private final List<KvmRun> runs = new ArrayList<>();
    private final List<Integer> vcpus = new ArrayList<>();
    private final int system;
    private final int vm;
    private MemorySegment memory;

    /** @throws LinuxException if there is no KVM */
    public Subject(Syscalls syscalls) {
        this.syscalls = syscalls;
        this.signal = new InterruptSignal(syscalls);
        this.system = keep(syscalls.call(SyscallNumber.OPEN,
                arena.allocateFrom(Kvm.DEVICE).address(), Fd.O_RDWR | Fd.O_CLOEXEC, 0, 0, 0, 0));
        this.vm = keep(system(KvmIoctl.CREATE_VM, 0));
    }

    private int keep(long fd) {
        if (Syscalls.isError(fd)) {
            close();
            throw new LinuxException("open or create", (int) -fd);
        }
        descriptors.add((int) fd);
        return (int) fd;
    }

    // Requests.

    public Syscalls syscalls() {
        return syscalls;
    }

    /**
     * A request to the system descriptor.
     *
     * @return the result or a negated errno
     */
    public long system(KvmIoctl request, long argument) {
        return syscalls.ioctl(system, request.number(), argument);
    }

    /** A request to the VM. */
    public long vm(KvmIoctl request, long argument) {
        return syscalls.ioctl(vm, request.number(), argument);
    }

    /** A request to the VM with a struct. */
    public long vm(KvmIoctl request, KvmStruct argument) {
        return syscalls.ioctl(vm, request.number(), argument.address());
    }

    /** A request to a vCPU, by the order of creation. */
    public long vcpu(int index, KvmIoctl request, long argument) {
        return syscalls.ioctl(vcpus.get(index), request.number(), argument);
    }

    /** A request to a vCPU with a struct. */
    public long vcpu(int index, KvmIoctl request, KvmStruct argument) {
        return syscalls.ioctl(vcpus.get(index), request.number(), argument.address());
    }

    public int systemFd() {
        return system;
    }

    public int vmFd() {
        return vm;
    }

    public int vcpuFd(int index) {
        return vcpus.get(index);
    }

    /** KVM_CHECK_EXTENSION of the VM. */
    public long extension(int number) {
        return vm(KvmIoctl.CHECK_EXTENSION, number);
    }

    /** KVM_ENABLE_CAP of the VM. */
    public long enable(int capability, int flags, long... arguments) {
        KvmEnableCap enable = new KvmEnableCap();
        enable.cap(capability);
        enable.flags(flags);
        for (int i = 0; i < arguments.length; i++) {
            enable.args(i, arguments[i]);
        }
        return vm(KvmIoctl.ENABLE_CAP, enable);
    }

    /** Zeroed memory of this process, for as long as the case lasts. */
    public MemorySegment allocate(long size) {
        return arena.allocate(size, 4096);
    }

    /** An eventfd that does not block. */
    public int eventFd() {
        return keep(syscalls.call(SyscallNumber.EVENTFD2, 0, 0x800, 0, 0, 0, 0));
    }

    /**
     * Adds one to an event.
     *
     * @return the result of the write
     */
    public long signal(int eventFd) {
        return syscalls.call(SyscallNumber.WRITE, eventFd, arena.allocateFrom(ValueLayout.JAVA_LONG, 1).address(), 8,
                0, 0, 0);
    }

    /** The count of an event, which becomes zero; 0 if it was. */
    public long drain(int eventFd) {
        MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
        long result = syscalls.call(SyscallNumber.READ, eventFd, count.address(), 8, 0, 0, 0);
        return Syscalls.isError(result) ? 0 : count.get(ValueLayout.JAVA_LONG, 0);
    }

    // Guests.

    /** KVM_SET_USER_MEMORY_REGION. */
    public long slot(int slot, int flags, long gpa, long size, long host) {
        KvmUserspaceMemoryRegion region = new KvmUserspaceMemoryRegion();
        region.slot(slot);
        region.flags(flags);
        region.guestPhysAddr(gpa);
        region.memorySize(size);
        region.userspaceAddr(host);
        return vm(KvmIoctl.SET_USER_MEMORY_REGION, region);
    }

    /**
     * KVM_CREATE_VCPU; a vCPU is used by its place in the order of creation.
     *
     * @return 0 or a negated errno
     */
    public long createVcpu(long id) {
        long fd = vm(KvmIoctl.CREATE_VCPU, id);
        if (Syscalls.isError(fd)) {
            return fd;
        }
        vcpus.add(keep(fd));
        MemorySegment shared = Mapping.map(syscalls, arena, system(KvmIoctl.GET_VCPU_MMAP_SIZE, 0), Mapping.MAP_SHARED,
                (int) fd, 0, "kvm_run");
        runs.add(new KvmRun(shared));
        return 0;
    }

    /**
     * Gives the VM memory and vCPU 0, which is about to run {@code code} in real mode.
     *
     * @param code in hexadecimal, spaces allowed
     */
    public Subject guest(String code) {
        memory = Mapping.map(syscalls, arena, MEMORY_SIZE, Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS, -1, 0, "guest");
        slot(0, 0, 0, MEMORY_SIZE, memory.address());
        createVcpu(0);
        load(CODE, code);
        enterRealMode(0, CODE);
        return this;
    }

    /** Puts a vCPU into real mode at an address below 64 KiB. */
    public void enterRealMode(int index, int address) {
        KvmSregs sregs = new KvmSregs();
        vcpu(index, KvmIoctl.GET_SREGS, sregs);
        sregs.cs().base(0);
        sregs.cs().selector(0);
        vcpu(index, KvmIoctl.SET_SREGS, sregs);
        KvmRegs regs = new KvmRegs();
        regs.rip(address);
        regs.rsp(STACK);
        regs.rflags(2);
        vcpu(index, KvmIoctl.SET_REGS, regs);
    }

    /**
     * Puts bytes into guest memory.
     *
     * @param code in hexadecimal, spaces allowed
     */
    public void load(int address, String code) {
        byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, address, bytes.length);
    }

    /** Guest memory, from guest physical address 0 on. */
    public MemorySegment memory() {
        return memory;
    }

    public KvmRegs regs() {
        KvmRegs regs = new KvmRegs();
        vcpu(0, KvmIoctl.GET_REGS, regs);
        return regs;
    }

    /** The page that a vCPU shares with KVM. */
    public KvmRun page(int index) {
        return runs.get(index);
    }

    /** Memory that a vCPU shares beyond {@link #page(int)}, for as long as the case lasts. */
    public MemorySegment shared(int index, long offset, long size) {
        return Mapping.map(syscalls, arena, size, Mapping.MAP_SHARED, vcpus.get(index), offset, "shared");
    }

    /** Runs vCPU 0: see {@link #run(int)}. */
    public String run() {
        return run(0);
    }

    /**
     * Runs a vCPU once.
     *
     * @return the exit reason's name, or the errno's with " patience" if it had to be interrupted
     */
    public String run(int index) {
        return run(index, PATIENCE_MILLIS);
    }

    /** As {@link #run(int)}, interrupted after some milliseconds. */
    public String run(int index, long millis) {
        int thread = signal.currentThreadId();
        KvmRun page = runs.get(index);
        Alarm alarm = new Alarm(() -> {
            page.immediateExit(true);
            signal.send(thread);
        }, millis);
        long result;
        try {
            result = vcpu(index, KvmIoctl.RUN, 0);
        } finally {
            alarm.stop();
        }
        boolean late = alarm.hasRung();
        if (late) {
            page.immediateExit(false);
        }
        return (result == 0 ? KvmExit.name(page.exitReason()) : name(result)) + (late ? " patience" : "");
    }

    /** Calls again and again after some time until it is stopped. */
    private static final class Alarm {
        private final Thread thread;
        private volatile boolean stopped;
        private volatile boolean rung;

        private Alarm(Runnable action, long millis) {
            thread = Thread.ofPlatform().daemon().start(() -> {
                long deadline = System.nanoTime() + millis * 1_000_000;
                while (!stopped && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(deadline - System.nanoTime());
                }
                while (!stopped) {
                    rung = true;
                    action.run();
                    LockSupport.parkNanos(KICK_INTERVAL_NANOS);
                }
            });
        }

        private boolean hasRung() {
            return rung;
        }

        private void stop() {
            stopped = true;
            LockSupport.unpark(thread);
            Threads.join(thread);
        }
    }

    // Names.

    /** A result as the table has it: the number, or the errno's name. */
    public static String name(long result) {
        if (!Syscalls.isError(result)) {
            return Long.toString(result);
        }
        Errno errno = Errno.of((int) -result);
        return errno == Errno.UNKNOWN ? "errno " + -result : errno.name();
    }

    /** Several results, with spaces between. */
    public static String names(long... results) {
        StringBuilder text = new StringBuilder();
        for (long result : results) {
            text.append(text.isEmpty() ? "" : " ").append(name(result));
        }
        return text.toString();
    }

    @Override
    public void close() {
        for (int i = descriptors.size() - 1; i >= 0; i--) {
            syscalls.call(SyscallNumber.CLOSE, descriptors.get(i), 0, 0, 0, 0, 0);
        }
        descriptors.clear();
        arena.close();
    }
}
