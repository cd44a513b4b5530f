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
import jkvm.abi.KvmSregs2;
import jkvm.abi.KvmVcpuEvents;
import jkvm.abi.KvmXcrs;
import jkvm.abi.KvmXsave;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The whole state of one vCPU at a moment, and its restore: registers, FPU, MSRs, local APIC, pending events.
 * Parts that this KVM does not have are left out. Capture and restore on the vCPU's thread or while it is paused, after
 * the access of its last exit is complete.
 *
 * <p>A state goes to bytes and back ({@link #save}, {@link #load}), for another vCPU of the same configuration. The
 * time stamp counter then goes separately, in {@link ClockState}. Not part of it, as it is the debugger's: breakpoints
 * of KVM_SET_GUEST_DEBUG. A guest that runs guests of its own is not saved (KVM_GET_NESTED_STATE).
 */
public final class VcpuState {

    private static final long X87_AND_SSE = 3;
    private static final int STATE_VERSION = 1;
    private static final int MAX_MSRS = 1024;
    private static final int IA32_TSC = 0x10;

    private final KvmRegs regs;
    /** With the page directory pointers; null on a KVM without KVM_CAP_SREGS2. */
    private final KvmSregs2 sregs2;
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
        // First: with it KVM takes over INIT and start-up messages that have come, which changes the registers.
        this.mpState = vcpu.has(KvmCap.MP_STATE) ? vcpu.mpState() : null;
        this.regs = vcpu.regs();
        this.sregs2 = vcpu.has(KvmCap.SREGS2) ? vcpu.sregs2() : null;
        this.sregs = sregs2 == null ? vcpu.sregs() : sregs2.common();
        this.xsave = xsave(vcpu);
        this.fpu = xsave == null ? vcpu.fpu() : null;
        this.xcrs = vcpu.has(KvmCap.XCRS) ? vcpu.xcrs() : null;
        this.msrs = readMsrs(vcpu, msrIndices);
        this.lapic = lapic(vcpu);
        this.events = vcpu.has(KvmCap.VCPU_EVENTS) ? vcpu.events() : null;
        this.debugRegs = vcpu.has(KvmCap.DEBUGREGS) ? vcpu.debugRegs() : null;
    }

    /** Takes the parts that {@code like} has, with other contents. */
    private VcpuState(VcpuState like, StateReader in) {
        in.getVersion(STATE_VERSION);
        this.mpState = StructState.load(in, "mp-state", like.mpState, KvmMpState::new);
        this.regs = StructState.load(in, "regs", like.regs, KvmRegs::new);
        this.sregs2 = StructState.load(in, "sregs2", like.sregs2, KvmSregs2::new);
        this.sregs = sregs2 == null ? StructState.load(in, "sregs", like.sregs, KvmSregs::new) : sregs2.common();
        this.xsave = StructState.load(in, "xsave", like.xsave, () -> new KvmXsave(like.xsave.size()));
        this.fpu = StructState.load(in, "fpu", like.fpu, KvmFpu::new);
        this.xcrs = StructState.load(in, "xcrs", like.xcrs, KvmXcrs::new);
        this.msrs = loadMsrs(in);
        this.lapic = StructState.load(in, "lapic", like.lapic, KvmLapicState::new);
        this.events = StructState.load(in, "events", like.events, KvmVcpuEvents::new);
        this.debugRegs = StructState.load(in, "debug-regs", like.debugRegs, KvmDebugRegs::new);
    }

    /** Writes the state. */
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        StructState.save(out, "mp-state", mpState);
        StructState.save(out, "regs", regs);
        StructState.save(out, "sregs2", sregs2);
        if (sregs2 == null) {
            StructState.save(out, "sregs", sregs);
        }
        StructState.save(out, "xsave", xsave);
        StructState.save(out, "fpu", fpu);
        StructState.save(out, "xcrs", xcrs);
        out.putInt("msr-count", msrs.nmsrs());
        for (int i = 0; i < msrs.nmsrs(); i++) {
            out.putInt("msr", msrs.index(i));
            out.putLong("value", msrs.data(i));
        }
        StructState.save(out, "lapic", lapic);
        StructState.save(out, "events", events);
        StructState.save(out, "debug-regs", debugRegs);
    }

    /**
     * Reads a state that {@link #save} wrote, without the time stamp counter: that one is {@link ClockState}'s.
     *
     * @param present a state of the vCPU that it is for: says which parts there are
     * @throws StateException if the state does not fit that vCPU
     */
    public static VcpuState load(StateReader in, VcpuState present) {
        return new VcpuState(present, in);
    }

    private static KvmMsrs loadMsrs(StateReader in) {
        int count = in.getInt("msr-count", 0, MAX_MSRS);
        KvmMsrs loaded = new KvmMsrs(count);
        int kept = 0;
        for (int i = 0; i < count; i++) {
            int index = in.getInt("msr");
            long value = in.getLong("value");
            if (index != IA32_TSC) {
                loaded.set(kept++, index, value);
            }
        }
        loaded.nmsrs(kept);
        return loaded;
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
     * Puts a vCPU into this state.
     *
     * <p>The order matters. The special registers come before the local APIC, as they hold its base and mode, and
     * before the general registers and all else that depends on the processor's mode. The local APIC comes before the
     * MSRs, since IA32_TSC_DEADLINE is taken only in its timer's mode. Events come late, since setting registers drops
     * events that KVM has queued for the guest; whether the vCPU runs or halts comes last, as KVM ends a halt when
     * registers like those of a reset are set.
     *
     * @return the model-specific registers that kept another value, because KVM does not take this one
     * @throws LinuxException if KVM refuses a part; the vCPU's state is undefined then
     */
    public int[] restore(Vcpu vcpu) {
        if (sregs2 != null) {
            vcpu.sregs2(sregs2);
        } else {
            vcpu.sregs(sregs);
        }
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
        int[] refused = writeMsrs(vcpu);
        if (debugRegs != null) {
            vcpu.debugRegs(debugRegs);
        }
        if (events != null) {
            vcpu.events(withAllFields(events));
        }
        if (mpState != null) {
            vcpu.mpState(mpState);
        }
        return refused;
    }

    /** Sets the flags without which KVM would keep the events that wait in the vCPU now. */
    private static KvmVcpuEvents withAllFields(KvmVcpuEvents events) {
        events.flags(events.flags() | KvmVcpuEvents.VALID_NMI_PENDING | KvmVcpuEvents.VALID_SIPI_VECTOR
                | KvmVcpuEvents.VALID_SHADOW);
        return events;
    }

    /** @return those that have another value now */
    private int[] writeMsrs(Vcpu vcpu) {
        List<Integer> refused = new ArrayList<>();
        int next = 0;
        while (next < msrs.nmsrs()) {
            KvmMsrs part = new KvmMsrs(msrs.nmsrs() - next);
            for (int i = next; i < msrs.nmsrs(); i++) {
                part.set(i - next, msrs.index(i), msrs.data(i));
            }
            next += vcpu.writeMsrs(part);
            if (next < msrs.nmsrs()) {
                KvmMsrs present = KvmMsrs.of(msrs.index(next));
                if (vcpu.readMsrs(present) != 1 || present.data(0) != msrs.data(next)) {
                    refused.add(msrs.index(next));
                }
                next++;
            }
        }
        return refused.stream().mapToInt(Integer::intValue).toArray();
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
