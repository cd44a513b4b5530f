package jkvm.vm;

import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmDebugRegs;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmMsrs;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmVcpuEvents;
import jkvm.abi.KvmXcrs;
import jkvm.abi.KvmXsave;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;

/**
 * The whole state of one vCPU at a moment, and the way back to it: registers, FPU, MSRs, local APIC, pending events.
 * Parts that this KVM does not have are left out. Capture and restore on the vCPU's thread or while it is paused, after
 * the access of its last exit is complete.
 */
public final class VcpuState {

    private static final long X87_AND_SSE = 3;

    private final KvmRegs regs;
    private final KvmSregs sregs;
    private final KvmFpu fpu;
    private final KvmXsave xsave;
    private final KvmXcrs xcrs;
    private final KvmMsrs msrs;
    private final KvmLapicState lapic;
    private final KvmVcpuEvents events;
    private final KvmDebugRegs debugRegs;
    private final KvmMpState mpState;

    private VcpuState(Vcpu vcpu, int[] msrIndices) {
        this.mpState = vcpu.has(KvmCap.MP_STATE) ? vcpu.mpState() : null;
        this.regs = vcpu.regs();
        this.sregs = vcpu.sregs();
        this.xsave = xsave(vcpu);
        this.fpu = xsave == null ? vcpu.fpu() : null;
        this.xcrs = vcpu.has(KvmCap.XCRS) ? vcpu.xcrs() : null;
        this.msrs = readMsrs(vcpu, msrIndices);
        this.lapic = lapic(vcpu);
        this.events = vcpu.has(KvmCap.VCPU_EVENTS) ? vcpu.events() : null;
        this.debugRegs = vcpu.has(KvmCap.DEBUGREGS) ? vcpu.debugRegs() : null;
    }

    /**
     * Reads the state of a vCPU.
     *
     * @param msrIndices the model-specific registers that belong to it: {@link Kvm#msrIndexList()}; those that this
     *                   vCPU does not have are left out
     */
    public static VcpuState capture(Vcpu vcpu, int[] msrIndices) {
        return new VcpuState(vcpu, msrIndices);
    }

    private static KvmXsave xsave(Vcpu vcpu) {
        KvmXsave area = vcpu.has(KvmCap.XSAVE2) ? vcpu.xsave2() : vcpu.has(KvmCap.XSAVE) ? vcpu.xsave() : null;
        if (area != null) {
            // A component in its initial state is not marked, and what is not marked KVM leaves as it is in memory.
            area.xstateBv(area.xstateBv() | X87_AND_SSE);
        }
        return area;
    }

    /** Null where the VM has no LAPIC in the kernel. */
    private static KvmLapicState lapic(Vcpu vcpu) {
        try {
            return vcpu.lapic();
        } catch (MissingCapabilityException e) {
            return null;
        } catch (LinuxException e) {
            if (e.errno() == Errno.EINVAL) {
                return null;
            }
            throw e;
        }
    }

    /** KVM stops at the first register that it cannot read; it is left out and the rest tried again. */
    private static KvmMsrs readMsrs(Vcpu vcpu, int[] indices) {
        List<KvmMsrs> parts = new ArrayList<>();
        int total = 0;
        int next = 0;
        while (next < indices.length) {
            KvmMsrs part = new KvmMsrs(indices.length - next);
            for (int i = next; i < indices.length; i++) {
                part.set(i - next, indices[i], 0);
            }
            int read = vcpu.readMsrs(part);
            part.nmsrs(read);
            parts.add(part);
            total += read;
            next += read + 1;
        }
        KvmMsrs all = new KvmMsrs(total);
        int i = 0;
        for (KvmMsrs part : parts) {
            for (int j = 0; j < part.nmsrs(); j++) {
                all.set(i++, part.index(j), part.data(j));
            }
        }
        return all;
    }

    /**
     * Puts a vCPU back into this state. Single model-specific registers that KVM will not have written are left alone.
     *
     * @throws LinuxException if KVM refuses a part; the vCPU's state is undefined then
     */
    public void restore(Vcpu vcpu) {
        if (mpState != null) {
            vcpu.mpState(mpState);
        }
        vcpu.sregs(sregs);
        if (xcrs != null) {
            vcpu.xcrs(xcrs);
        }
        if (xsave != null) {
            vcpu.xsave(xsave);
        } else {
            vcpu.fpu(fpu);
        }
        vcpu.regs(regs);
        if (lapic != null) {
            vcpu.lapic(lapic);
        }
        writeMsrs(vcpu);
        if (debugRegs != null) {
            vcpu.debugRegs(debugRegs);
        }
        if (events != null) {
            vcpu.events(withAllFields(events));
        }
    }

    /** Without these flags KVM would keep what waits in the vCPU now. */
    private static KvmVcpuEvents withAllFields(KvmVcpuEvents events) {
        events.flags(events.flags() | KvmVcpuEvents.VALID_NMI_PENDING | KvmVcpuEvents.VALID_SIPI_VECTOR
                | KvmVcpuEvents.VALID_SHADOW);
        return events;
    }

    private void writeMsrs(Vcpu vcpu) {
        int next = 0;
        while (next < msrs.nmsrs()) {
            KvmMsrs part = new KvmMsrs(msrs.nmsrs() - next);
            for (int i = next; i < msrs.nmsrs(); i++) {
                part.set(i - next, msrs.index(i), msrs.data(i));
            }
            next += vcpu.writeMsrs(part) + 1;
        }
    }

    /** The general purpose registers of this state; changes take effect at {@link #restore}. */
    public KvmRegs regs() {
        return regs;
    }

    /** The special registers of this state; changes take effect at {@link #restore}. */
    public KvmSregs sregs() {
        return sregs;
    }

    /** The model-specific registers of this state; changes take effect at {@link #restore}. */
    public KvmMsrs msrs() {
        return msrs;
    }

    /** Whether the vCPU runs, halts or waits in this state; null where this KVM does not tell. */
    public KvmMpState mpState() {
        return mpState;
    }
}
