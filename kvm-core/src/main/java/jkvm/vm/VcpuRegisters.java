package jkvm.vm;

import jkvm.abi.KvmCap;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmDebugRegs;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmMsrs;
import jkvm.abi.KvmNestedState;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmSregs2;
import jkvm.abi.KvmVcpuEvents;
import jkvm.abi.KvmXcrs;
import jkvm.abi.KvmXsave;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/**
 * The state of a vCPU, part by part. Each part has a getter, a getter that fills a struct of the caller's, and a
 * setter. All throw {@link MissingCapabilityException} where this KVM lacks the part, {@link LinuxException} where it
 * refuses, and {@link IllegalStateException} when closed.
 *
 * <p>The kernel lets these requests wait while the vCPU runs: call them on the thread that runs it, or while it is
 * paused.
 */
public abstract sealed class VcpuRegisters permits Vcpu {
    private final KvmFd fd;

    VcpuRegisters(KvmFd fd) {
        this.fd = fd;
    }

    /** True where this KVM has the capability for this vCPU's VM. */
    public boolean has(KvmCap capability) {
        return fd.checkExtension(capability) != 0;
    }

    /** General purpose registers (KVM_GET_REGS). */
    public KvmRegs regs() {
        return readRegs(new KvmRegs());
    }

    /** As {@link #regs()}, into a struct of the caller's, which it returns. */
    public KvmRegs readRegs(KvmRegs regs) {
        fd.ioctl(KvmIoctl.GET_REGS, regs);
        return regs;
    }

    /** Sets the general purpose registers (KVM_SET_REGS). */
    public void regs(KvmRegs regs) {
        fd.ioctl(KvmIoctl.SET_REGS, regs);
    }

    /** Segments, descriptor tables, control registers (KVM_GET_SREGS). */
    public KvmSregs sregs() {
        return readSregs(new KvmSregs());
    }

    /** As {@link #sregs()}, into a struct of the caller's, which it returns. */
    public KvmSregs readSregs(KvmSregs sregs) {
        fd.ioctl(KvmIoctl.GET_SREGS, sregs);
        return sregs;
    }

    /** Sets segments, descriptor tables and control registers (KVM_SET_SREGS). */
    public void sregs(KvmSregs sregs) {
        fd.ioctl(KvmIoctl.SET_SREGS, sregs);
    }

    /** As {@link #sregs()}, with the page directory pointers (KVM_GET_SREGS2). */
    public KvmSregs2 sregs2() {
        return readSregs2(new KvmSregs2());
    }

    /** As {@link #sregs2()}, into a struct of the caller's, which it returns. */
    public KvmSregs2 readSregs2(KvmSregs2 sregs2) {
        fd.ioctl(KvmIoctl.GET_SREGS2, sregs2);
        return sregs2;
    }

    /** Sets them with the page directory pointers (KVM_SET_SREGS2). */
    public void sregs2(KvmSregs2 sregs2) {
        fd.ioctl(KvmIoctl.SET_SREGS2, sregs2);
    }

    /** x87 and SSE registers (KVM_GET_FPU). */
    public KvmFpu fpu() {
        return readFpu(new KvmFpu());
    }

    /** As {@link #fpu()}, into a struct of the caller's, which it returns. */
    public KvmFpu readFpu(KvmFpu fpu) {
        fd.ioctl(KvmIoctl.GET_FPU, fpu);
        return fpu;
    }

    /** Sets x87 and SSE registers (KVM_SET_FPU). */
    public void fpu(KvmFpu fpu) {
        fd.ioctl(KvmIoctl.SET_FPU, fpu);
    }

    /** Extended control registers (KVM_GET_XCRS). */
    public KvmXcrs xcrs() {
        return readXcrs(new KvmXcrs());
    }

    /** As {@link #xcrs()}, into a struct of the caller's, which it returns. */
    public KvmXcrs readXcrs(KvmXcrs xcrs) {
        fd.ioctl(KvmIoctl.GET_XCRS, xcrs);
        return xcrs;
    }

    /** Sets the extended control registers (KVM_SET_XCRS). */
    public void xcrs(KvmXcrs xcrs) {
        fd.ioctl(KvmIoctl.SET_XCRS, xcrs);
    }

    /** Debug registers (KVM_GET_DEBUGREGS). */
    public KvmDebugRegs debugRegs() {
        return readDebugRegs(new KvmDebugRegs());
    }

    /** As {@link #debugRegs()}, into a struct of the caller's, which it returns. */
    public KvmDebugRegs readDebugRegs(KvmDebugRegs debugRegs) {
        fd.ioctl(KvmIoctl.GET_DEBUGREGS, debugRegs);
        return debugRegs;
    }

    /** Sets the debug registers (KVM_SET_DEBUGREGS). */
    public void debugRegs(KvmDebugRegs debugRegs) {
        fd.ioctl(KvmIoctl.SET_DEBUGREGS, debugRegs);
    }

    /** The local APIC, if the kernel has it (KVM_GET_LAPIC). */
    public KvmLapicState lapic() {
        return readLapic(new KvmLapicState());
    }

    /** As {@link #lapic()}, into a struct of the caller's, which it returns. */
    public KvmLapicState readLapic(KvmLapicState lapic) {
        fd.ioctl(KvmIoctl.GET_LAPIC, lapic);
        return lapic;
    }

    /** Sets the local APIC (KVM_SET_LAPIC). */
    public void lapic(KvmLapicState lapic) {
        fd.ioctl(KvmIoctl.SET_LAPIC, lapic);
    }

    /** Pending and injected events (KVM_GET_VCPU_EVENTS). */
    public KvmVcpuEvents events() {
        return readEvents(new KvmVcpuEvents());
    }

    /** As {@link #events()}, into a struct of the caller's, which it returns. */
    public KvmVcpuEvents readEvents(KvmVcpuEvents events) {
        fd.ioctl(KvmIoctl.GET_VCPU_EVENTS, events);
        return events;
    }

    /** Sets pending and injected events (KVM_SET_VCPU_EVENTS). */
    public void events(KvmVcpuEvents events) {
        fd.ioctl(KvmIoctl.SET_VCPU_EVENTS, events);
    }

    /** Whether the vCPU runs, halts or waits (KVM_GET_MP_STATE). */
    public KvmMpState mpState() {
        return readMpState(new KvmMpState());
    }

    /** As {@link #mpState()}, into a struct of the caller's, which it returns. */
    public KvmMpState readMpState(KvmMpState mpState) {
        fd.ioctl(KvmIoctl.GET_MP_STATE, mpState);
        return mpState;
    }

    /** Sets whether the vCPU runs, halts or waits (KVM_SET_MP_STATE). */
    public void mpState(KvmMpState mpState) {
        fd.ioctl(KvmIoctl.SET_MP_STATE, mpState);
    }

    /** Bytes of the extended state of a vCPU of this VM, at least 4096. */
    public int xsaveSize() {
        return Math.max((int) KvmXsave.SIZE, fd.checkExtension(KvmCap.XSAVE2));
    }

    /** Extended processor state of 4096 bytes (KVM_GET_XSAVE). */
    public KvmXsave xsave() {
        return readXsave(new KvmXsave());
    }

    /** As {@link #xsave()}, into a struct of the caller's, which it returns. */
    public KvmXsave readXsave(KvmXsave area) {
        fd.ioctl(KvmIoctl.GET_XSAVE, area);
        return area;
    }

    /** Extended processor state of {@link #xsaveSize()} bytes (KVM_GET_XSAVE2). */
    public KvmXsave xsave2() {
        return readXsave2(new KvmXsave(xsaveSize()));
    }

    /** As {@link #xsave2()}, into a struct of the caller's, which it returns. */
    public KvmXsave readXsave2(KvmXsave area) {
        checkSize(area);
        fd.ioctl(KvmIoctl.GET_XSAVE2, area);
        return area;
    }

    /**
     * Sets the extended processor state (KVM_SET_XSAVE).
     *
     * @throws IllegalArgumentException if the area is shorter than {@link #xsaveSize()}
     */
    public void xsave(KvmXsave area) {
        checkSize(area);
        fd.ioctl(KvmIoctl.SET_XSAVE, area);
    }

    private void checkSize(KvmXsave area) {
        if (area.size() < xsaveSize()) {
            throw new IllegalArgumentException("XSAVE area of %d bytes: this VM needs %d".formatted(area.size(),
                    xsaveSize()));
        }
    }

    /** The CPUID leaves of the guest (KVM_GET_CPUID2). */
    public KvmCpuid2 cpuid() {
        return CpuidReader.read(fd, KvmIoctl.GET_CPUID2);
    }

    /** Sets the guest's CPUID leaves before the vCPU first runs (KVM_SET_CPUID2). */
    public void cpuid(KvmCpuid2 cpuid) {
        fd.ioctl(KvmIoctl.SET_CPUID2, cpuid);
    }

    /** The Hyper-V CPUID leaves that this vCPU could have (KVM_GET_SUPPORTED_HV_CPUID). */
    public KvmCpuid2 hypervCpuid() {
        return CpuidReader.read(fd, KvmIoctl.GET_SUPPORTED_HV_CPUID);
    }

    /**
     * Reads the model-specific registers that {@code msrs} numbers (KVM_GET_MSRS).
     *
     * @return how many entries were read; fewer than there are where one of them cannot be read
     */
    public int readMsrs(KvmMsrs msrs) {
        return (int) fd.ioctl(KvmIoctl.GET_MSRS, msrs);
    }

    /**
     * Writes model-specific registers (KVM_SET_MSRS).
     *
     * @return how many entries were written; fewer than there are where one of them cannot be written
     */
    public int writeMsrs(KvmMsrs msrs) {
        return (int) fd.ioctl(KvmIoctl.SET_MSRS, msrs);
    }

    /**
     * One model-specific register.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    public long msr(int index) {
        KvmMsrs msrs = KvmMsrs.of(index);
        if (readMsrs(msrs) != 1) {
            throw new IllegalArgumentException("MSR 0x%x cannot be read".formatted(index));
        }
        return msrs.data(0);
    }

    /**
     * Sets one model-specific register.
     *
     * @throws IllegalArgumentException if it cannot be set to that value
     */
    public void msr(int index, long value) {
        KvmMsrs msrs = KvmMsrs.of(index);
        msrs.data(0, value);
        if (writeMsrs(msrs) != 1) {
            throw new IllegalArgumentException("MSR 0x%x cannot be set to 0x%x".formatted(index, value));
        }
    }

    /** The state of a guest that runs guests (KVM_GET_NESTED_STATE). */
    public KvmNestedState nestedState() {
        fd.require(KvmCap.NESTED_STATE);
        KvmNestedState state = new KvmNestedState(fd.checkExtension(KvmCap.NESTED_STATE));
        fd.ioctl(KvmIoctl.GET_NESTED_STATE, state);
        return state;
    }

    /** Sets the state of a guest that runs guests (KVM_SET_NESTED_STATE). */
    public void nestedState(KvmNestedState state) {
        fd.ioctl(KvmIoctl.SET_NESTED_STATE, state);
    }

    /** The frequency of the guest's time-stamp counter in kHz (KVM_GET_TSC_KHZ). */
    public int tscKhz() {
        return (int) fd.ioctl(KvmIoctl.GET_TSC_KHZ, 0);
    }

    /** Sets the frequency of the guest's time-stamp counter in kHz (KVM_SET_TSC_KHZ). */
    public void tscKhz(int kilohertz) {
        long result = fd.tryIoctl(KvmIoctl.SET_TSC_KHZ, Integer.toUnsignedLong(kilohertz));
        if (result == -Errno.EINVAL.code() && fd.checkExtension(KvmCap.TSC_CONTROL) != 0) {
            throw new LinuxException("KVM_SET_TSC_KHZ " + kilohertz, Errno.EINVAL.code(),
                    "this host cannot scale to it");
        }
        if (Syscalls.isError(result)) {
            throw fd.failure(KvmIoctl.SET_TSC_KHZ, (int) -result);
        }
    }
}
