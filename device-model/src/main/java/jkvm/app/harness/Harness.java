package jkvm.app.harness;

import java.nio.file.Path;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.abi.KvmGuestDebug;
import jkvm.app.options.UsageException;
import jkvm.inspect.FailureReport;
import jkvm.inspect.RegisterDump;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.soft.Accelerators;
import jkvm.vm.Kvm;
import jkvm.vm.KvmLayout;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuLoop;
import jkvm.vm.Vm;
import jkvm.work.Threads;

/**
 * The classic test harness of KVM's first user space: a VM with 128 MiB, one vCPU, no devices and no interrupt
 * controller. Load an image, choose where to enter, run; what the guest does comes as callbacks.
 *
 * <pre>{@code
 * try (Harness harness = Harness.create(callbacks)) {
 *     harness.loadBoot(image);
 *     harness.enterResetVector();
 *     HarnessResult result = harness.run();
 * }
 * }</pre>
 *
 * <p>One thread uses it; {@link #stop()} and {@link #close()} may come from any thread, from inside a callback too.
 */
public final class Harness implements AutoCloseable {
    /** Bytes of guest memory. */
    public static final long MEMORY_SIZE = 128L << 20;
    /** Where {@link #loadBoot} loads: the last 64 KiB below 1 MiB, as a PC's BIOS. */
    public static final long BOOT_ADDRESS = 0xF0000;
    /** Room at {@link #BOOT_ADDRESS}. */
    public static final int BOOT_SIZE = 0x10000;
    /** Where {@link #loadPayload} loads, and where {@link #enterProtectedMode} enters. */
    public static final long PAYLOAD_ADDRESS = 0x100000;

    /** Where a PC sees its BIOS once more, so that the reset vector 0xfffffff0 finds its last 16 bytes. */
    private static final long BOOT_MIRROR = 0xFFFF_0000L;
    private static final int BOOT_MIRROR_SLOT = 1;
    private static final long RESET_VECTOR = 0xFFFF0;
    /** {@code ljmp $0xf000, $0}. */
    private static final byte[] JUMP_TO_BOOT = {(byte) 0xEA, 0, 0, 0, (byte) 0xF0};

    private final HarnessCallbacks callbacks;
    private final Kvm kvm;
    private final Vm vm;
    private final GuestMemory memory;
    private final Vcpu vcpu;
    private final HarnessExits exits;
    private volatile boolean stopRequested;
    /** The thread inside {@link #run()}, or null. Guarded by this, as the two below. */
    private Thread runner;
    private boolean closed;
    private boolean released;

    private Harness(Kvm kvm, Vm vm, HarnessCallbacks callbacks) {
        this.callbacks = callbacks;
        this.kvm = kvm;
        this.vm = vm;
        memory = MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), MEMORY_SIZE);
        vm.setTssAddress(KvmLayout.TSS_ADDRESS);
        vm.setMemory(memory);
        vm.setMemoryRegion(BOOT_MIRROR_SLOT, 0, BOOT_MIRROR, BOOT_SIZE,
                memory.regions().get(0).hostAddress() + BOOT_ADDRESS);
        vcpu = vm.createVcpu(0);
        vcpu.cpuid(cpuid());
        exits = new HarnessExits(this, callbacks);
    }

    private KvmCpuid2 cpuid() {
        KvmCpuid2 supported = kvm.supportedCpuid();
        KvmCpuid2 chosen = new KvmCpuid2(supported.nent());
        int count = 0;
        for (int i = 0; i < supported.nent(); i++) {
            KvmCpuidEntry2 leaf = supported.entry(i);
            if (callbacks.cpuid(leaf)) {
                chosen.entry(count++).copy(leaf);
            }
        }
        chosen.nent(count);
        return chosen;
    }

    /**
     * Creates the VM on {@code /dev/kvm} where it is usable, else on the KVM in Java.
     *
     * @throws LinuxException if the host refuses; the message says what to do
     */
    public static Harness create(HarnessCallbacks callbacks) {
        return create(Accelerators.open(Accelerators.KVM_OR_SOFT).syscalls(), callbacks);
    }

    /** As {@link #create(HarnessCallbacks)}, on the KVM that these system calls reach: an accelerator's. */
    public static Harness create(Syscalls syscalls, HarnessCallbacks callbacks) {
        Kvm kvm = Kvm.open(syscalls);
        Vm vm = null;
        try {
            vm = kvm.createVm();
            return new Harness(kvm, vm, callbacks);
        } catch (RuntimeException e) {
            if (vm != null) {
                vm.close();
            }
            kvm.close();
            throw e;
        }
    }

    /**
     * Loads a file at {@link #BOOT_ADDRESS}. A file that ends before the reset vector is entered at its first byte: a
     * jump there is put at the vector.
     *
     * @throws UsageException if the file cannot be read or is larger than {@link #BOOT_SIZE}
     */
    public void loadBoot(Path file) {
        jumpToShortBoot(new GuestFile(file).load(memory, BOOT_ADDRESS, BOOT_SIZE));
    }

    /** Loads an image as {@link #loadBoot(Path)} loads a file. */
    public void loadBoot(byte[] image) {
        if (image.length > BOOT_SIZE) {
            throw new UsageException("boot image is too large: %d bytes, at 0x%x there is room for %d"
                    .formatted(image.length, BOOT_ADDRESS, BOOT_SIZE));
        }
        memory.write(BOOT_ADDRESS, image);
        jumpToShortBoot(image.length);
    }

    private void jumpToShortBoot(long size) {
        if (size <= RESET_VECTOR - BOOT_ADDRESS) {
            memory.write(RESET_VECTOR, JUMP_TO_BOOT);
        }
    }

    /**
     * Loads a file at {@link #PAYLOAD_ADDRESS}.
     *
     * @throws UsageException if the file cannot be read or is larger than the memory there
     */
    public void loadPayload(Path file) {
        new GuestFile(file).load(memory, PAYLOAD_ADDRESS, MEMORY_SIZE - PAYLOAD_ADDRESS);
    }

    /** Loads an image at {@link #PAYLOAD_ADDRESS}. */
    public void loadPayload(byte[] image) {
        memory.write(PAYLOAD_ADDRESS, image);
    }

    /** The next run starts in real mode at the reset vector, F000:FFF0, with all other registers as after a reset. */
    public void enterResetVector() {
        EntryPoint.realMode(vcpu);
    }

    /**
     * The next run starts in flat 32-bit protected mode at {@link #PAYLOAD_ADDRESS}: segments from 0 to 4 GiB, stack at
     * 0x80000, no paging, no descriptor tables, interrupts off.
     */
    public void enterProtectedMode() {
        EntryPoint.protectedMode(vcpu);
    }

    /** The vCPU's registers as text, several lines. */
    public String registers() {
        return RegisterDump.of(vcpu.regs(), vcpu.sregs());
    }

    /** The guest's RAM, for what the two load methods do not do. */
    public GuestMemory memory() {
        return memory;
    }

    /** The VM, for what the harness does not do. */
    public Vm vm() {
        return vm;
    }

    /** The vCPU, for what the harness does not do. */
    public Vcpu vcpu() {
        return vcpu;
    }

    /**
     * Asks for {@link HarnessCallbacks#interruptWindow} as soon as the guest can take an interrupt, and each time from
     * then on; false ends that.
     */
    public void requestInterruptWindow(boolean wanted) {
        vcpu.kvmRun().requestInterruptWindow(wanted);
    }

    /** True if the guest could take an interrupt at its last exit. */
    public boolean isReadyForInterrupt() {
        return vcpu.kvmRun().isReadyForInterruptInjection();
    }

    /**
     * Gives the guest an interrupt at its next entry. From a callback, when {@link #isReadyForInterrupt()}: KVM does
     * not look at the guest's interrupt flag here.
     *
     * @param vector 0 to 255
     */
    public void injectInterrupt(int vector) {
        vcpu.injectInterrupt(vector);
    }

    /**
     * Makes {@link HarnessCallbacks#debug} follow each instruction; false ends that. KVM reports a HLT that is stepped
     * over as a step, not as a halt.
     *
     * @throws jkvm.vm.MissingCapabilityException if this KVM cannot
     */
    public void singleStep(boolean wanted) {
        KvmGuestDebug debug = new KvmGuestDebug();
        debug.control(wanted ? KvmGuestDebug.ENABLE | KvmGuestDebug.SINGLESTEP : 0);
        vcpu.guestDebug(debug);
    }

    /**
     * Runs the guest on this thread until it halts, fails or is stopped. May be called again: the guest goes on where
     * it stopped, or where an enter method has put it.
     *
     * @throws IllegalStateException if closed, or if another thread runs it
     */
    public HarnessResult run() {
        synchronized (this) {
            if (closed || runner != null) {
                throw new IllegalStateException(closed ? "harness is closed" : "harness is running already");
            }
            runner = Thread.currentThread();
        }
        try {
            return loop();
        } finally {
            synchronized (this) {
                runner = null;
                stopRequested = false;
                if (closed) {
                    release();
                }
            }
        }
    }

    private HarnessResult loop() {
        callbacks.tryPushInterrupts(this);
        int errno = new VcpuLoop(vcpu, exits, this::continues).run();
        if (errno != 0) {
            String report = FailureReport.ofRunFailure(vcpu, memory, new LinuxException("KVM_RUN", errno));
            return new HarnessResult(HarnessResult.End.FAILED, report);
        }
        return exits.takeResult().orElseGet(() -> new HarnessResult(HarnessResult.End.STOPPED, ""));
    }

    /** After an interruption of the guest. */
    private boolean continues() {
        if (!stopRequested) {
            callbacks.tryPushInterrupts(this);
        }
        return !stopRequested;
    }

    /**
     * Ends the current run, or the next if there is none, once the guest's pending access is complete. Does not wait.
     * Any thread may call.
     */
    public void stop() {
        stopRequested = true;
        vcpu.interrupt();
    }

    /**
     * Stops a run, waits for its end and frees the VM. From inside a callback it does not wait: the run's end frees it.
     */
    @Override
    public synchronized void close() {
        closed = true;
        if (runner == null) {
            release();
            return;
        }
        stop();
        Threads.waitWhile(this, () -> !released && runner != Thread.currentThread());
    }

    private synchronized void release() {
        if (!released) {
            released = true;
            vm.close();
            kvm.close();
        }
        notifyAll();
    }
}
