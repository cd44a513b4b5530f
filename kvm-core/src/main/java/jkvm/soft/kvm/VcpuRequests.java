package jkvm.soft.kvm;

import jkvm.abi.KvmDeviceAttr;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSignalMask;
import jkvm.abi.KvmTranslation;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.CpuidModel;
import jkvm.soft.cpu.Feature;
import jkvm.soft.cpu.Flags;
import jkvm.soft.cpu.Processor;
import jkvm.soft.mmu.GuestException;

/** Requests of a vCPU beside KVM_RUN. With the vCPU's lock held. */
final class VcpuRequests {
    /** State components of the extended state that this processor has: x87 and SSE. */
    private static final long COMPONENTS = 3;
    /** Leaves of CPUID that other parts follow. */
    private static final int TSC_DEADLINE = 1 << 24, X2APIC = 1 << 21;

    private final SoftVcpu vcpu;
    private final Cpu cpu;
    private final GeneralRegisters general;
    private final SpecialRegisters special;
    /** The registers as user space has set them while a read of MMIO was to be completed. */
    private boolean overwrites;
    private final CpuidTable cpuid = new CpuidTable();
    private boolean hasRun;
    private long exitRip;
    private final long[] kept = new long[16];

    VcpuRequests(SoftVcpu vcpu) {
        this.vcpu = vcpu;
        this.cpu = vcpu.cpu();
        this.general = new GeneralRegisters(cpu);
        this.special = new SpecialRegisters(vcpu);
    }

    /** Updates all that depends on segments, control registers or flags after user space has set them. */
    void registersChanged() {
        special.changed();
    }

    long answer(KvmIoctl request, long argument) {
        return switch (request) {
            case GET_REGS -> {
                general.getRegs(argument);
                yield 0;
            }
            case SET_REGS -> {
                setRegs(argument);
                yield 0;
            }
            case GET_SREGS -> {
                special.get(argument);
                yield 0;
            }
            case SET_SREGS -> special.set(argument);
            case GET_SREGS2 -> {
                special.get2(argument);
                yield 0;
            }
            case SET_SREGS2 -> special.set2(argument);
            case GET_FPU -> {
                general.getFpu(argument);
                yield 0;
            }
            case SET_FPU -> {
                general.setFpu(argument);
                yield 0;
            }
            case GET_DEBUGREGS -> {
                general.getDebugRegs(argument);
                yield 0;
            }
            case SET_DEBUGREGS -> general.setDebugRegs(argument);
            case GET_XSAVE, GET_XSAVE2 -> {
                general.getXsave(argument, COMPONENTS);
                yield 0;
            }
            case SET_XSAVE -> general.setXsave(argument, COMPONENTS);
            case GET_XCRS -> {
                general.getXcrs(argument);
                yield 0;
            }
            case SET_XCRS -> general.setXcrs(argument, cpu.cpuid.value(0xD, 0, 0) & COMPONENTS);
            case GET_VCPU_EVENTS -> {
                vcpu.events().get(argument);
                yield 0;
            }
            case SET_VCPU_EVENTS -> vcpu.events().set(argument);
            default -> control(request, argument);
        };
    }

    private long control(KvmIoctl request, long argument) {
        return switch (request) {
            case GET_MP_STATE -> getMpState(argument);
            case SET_MP_STATE -> setMpState(ProcessMemory.getInt(argument));
            case INTERRUPT -> interrupt(ProcessMemory.getInt(argument));
            case NMI -> {
                vcpu.events().nmi();
                yield 0;
            }
            // As a kernel that was built without system management mode.
            case SMI -> NegatedErrno.ENOTTY;
            case SET_SIGNAL_MASK -> signalMask(argument);
            case SET_GUEST_DEBUG -> vcpu.loop().debug().set(argument);
            case GET_STATS_FD -> StatsDescriptor.create(vcpu.kvm, vcpu.vm(), vcpu);
            case GET_TSC_KHZ -> vcpu.tsc().khz();
            case SET_TSC_KHZ -> {
                vcpu.kvmClock().request();
                yield vcpu.tsc().setKhz(argument);
            }
            case GET_MSRS -> vcpu.msrs().transfer(argument, false);
            case SET_MSRS -> vcpu.msrs().transfer(argument, true);
            case GET_CPUID2 -> cpuid.get(argument, vcpu.kvm.hostMemory());
            case SET_CPUID2 -> setCpuid(argument);
            case GET_LAPIC, SET_LAPIC -> lapic(argument, request == KvmIoctl.SET_LAPIC);
            case TRANSLATE -> translate(argument);
            case KVMCLOCK_CTRL -> vcpu.kvmClock().markStopped();
            case X86_SETUP_MCE -> vcpu.msrs().machineChecks().setUp(ProcessMemory.getLong(argument));
            case X86_SET_MCE -> machineCheck(argument);
            default -> attribute(request, argument);
        };
    }

    /** KVM_SET_DEVICE_ATTR and its kin: the time stamp counter's offset is all there is. */
    private long attribute(KvmIoctl request, long address) {
        boolean known = ProcessMemory.getInt(address + KvmDeviceAttr.GROUP_OFFSET) == KvmDeviceAttr.VCPU_TSC_CTRL
                && ProcessMemory.getLong(address + KvmDeviceAttr.ATTR_OFFSET) == KvmDeviceAttr.TSC_OFFSET;
        if (!known) {
            return NegatedErrno.ENXIO;
        }
        long place = ProcessMemory.getLong(address + KvmDeviceAttr.ADDR_OFFSET);
        if (request == KvmIoctl.HAS_DEVICE_ATTR) {
            return 0;
        }
        boolean write = request == KvmIoctl.GET_DEVICE_ATTR;
        ProcessMemory memory = vcpu.kvm.hostMemory();
        if (write ? !memory.isWritable(place, Long.BYTES) : !memory.isReadable(place, Long.BYTES)) {
            return NegatedErrno.EFAULT;
        }
        if (write) {
            ProcessMemory.setLong(place, vcpu.tsc().offset());
        } else {
            vcpu.tsc().offset(ProcessMemory.getLong(place));
            vcpu.kvmClock().request();
        }
        return 0;
    }

    private long setCpuid(long address) {
        long result = cpuid.set(address, vcpu.kvm.hostMemory(), hasRun);
        if (result != 0 || hasRun) {
            return result;
        }
        cpu.cpuid.set(cpuid.rows());
        long offered = cpu.cpuid.features();
        cpu.features = (offered == 0 ? Feature.ALL : offered) & CpuidModel.SUPPORTED;
        int bits = cpu.cpuid.value(0x80000008, 0, 0) & 0xFF;
        cpu.physicalBits = bits == 0 ? MemorySlots.ADDRESS_BITS : Math.clamp(bits, 32, 52);
        cpu.mmu.physicalBits(cpu.physicalBits);
        vcpu.loop().processor().forgetCode();
        if (vcpu.lapic() != null) {
            int ecx = cpu.cpuid.value(1, 0, 2);
            vcpu.lapic().setFeatures((ecx & TSC_DEADLINE) != 0, (ecx & X2APIC) != 0, cpu.physicalBits);
        }
        return 0;
    }

    private long lapic(long address, boolean write) {
        if (vcpu.lapic() == null) {
            return NegatedErrno.EINVAL;
        }
        KvmLapicState state = new KvmLapicState();
        if (write) {
            state.segment().copyFrom(ProcessMemory.at(address, KvmLapicState.SIZE));
            return vcpu.lapic().write(state);
        }
        vcpu.lapic().read(state);
        ProcessMemory.at(address, KvmLapicState.SIZE).copyFrom(state.segment());
        return 0;
    }

    private long translate(long address) {
        vcpu.gate().enter();
        long physical;
        try {
            physical = cpu.mmu.translate(ProcessMemory.getLong(address + KvmTranslation.LINEAR_ADDRESS_OFFSET));
        } finally {
            vcpu.gate().leave();
        }
        ProcessMemory.setLong(address + KvmTranslation.PHYSICAL_ADDRESS_OFFSET, physical);
        ProcessMemory.setByte(address + KvmTranslation.VALID_OFFSET, physical != -1 ? 1 : 0);
        ProcessMemory.setByte(address + KvmTranslation.WRITEABLE_OFFSET, 1);
        ProcessMemory.setByte(address + KvmTranslation.USERMODE_OFFSET, 0);
        return 0;
    }

    private long machineCheck(long address) {
        long result = vcpu.msrs().machineChecks().inject(address, (cpu.cr4 & Cpu.CR4_MCE) != 0);
        if (result == MachineChecks.RAISE) {
            vcpu.events().queueException(GuestException.MC);
        } else if (result == MachineChecks.SHUTDOWN) {
            vcpu.events().tripleFault = true;
        }
        return Math.min(0, result);
    }

    private void setRegs(long address) {
        if (vcpu.bus().awaitsRead() && !overwrites) {
            overwrites = true;
            exitRip = cpu.rip;
        }
        general.setRegs(address);
        special.followFlags();
    }

    /**
     * Executes the instruction whose read user space has answered. If user space has set the registers meanwhile, what
     * was read is lost and the instruction skipped: so does KVM, whose emulator has its own copy of them.
     */
    int stepWithAnswer(Processor processor) {
        if (!overwrites) {
            return processor.step();
        }
        overwrites = false;
        System.arraycopy(cpu.r, 0, kept, 0, kept.length);
        int flags = Flags.all(cpu);
        cpu.rip = exitRip;
        int cause = processor.step();
        System.arraycopy(kept, 0, cpu.r, 0, kept.length);
        Flags.setAll(cpu, flags);
        return cause;
    }

    private long getMpState(long address) {
        vcpu.reset().acceptInitAndStartUp();
        ProcessMemory.setInt(address + KvmMpState.MP_STATE_OFFSET, vcpu.loop().mpState());
        return 0;
    }

    private long setMpState(int state) {
        boolean known = state >= KvmMpState.RUNNABLE && state <= KvmMpState.SIPI_RECEIVED
                || state == KvmMpState.AP_RESET_HOLD;
        if (!known || state != KvmMpState.RUNNABLE && !vcpu.hasLapic()) {
            return NegatedErrno.EINVAL;
        }
        if (state == KvmMpState.SIPI_RECEIVED) {
            vcpu.loop().mpState(KvmMpState.INIT_RECEIVED);
            vcpu.reset().startUpAtZero();
        } else {
            vcpu.loop().mpState(state);
        }
        return 0;
    }

    private long interrupt(int vector) {
        if (vector < 0 || vector > 255) {
            return NegatedErrno.EINVAL;
        }
        if (vcpu.vm().irqchips().hasPic()) {
            return NegatedErrno.ENXIO;
        }
        if (vcpu.lapic() != null) {
            return vcpu.lapic().userInterrupt(vector) ? 0 : NegatedErrno.EEXIST;
        }
        vcpu.events().interruptInjected = true;
        vcpu.events().interrupt = vector;
        return 0;
    }

    private long signalMask(long address) {
        if (address == 0) {
            vcpu.thread().signalMask(false, 0);
            return 0;
        }
        if (ProcessMemory.getInt(address + KvmSignalMask.LEN_OFFSET) != Long.BYTES) {
            return NegatedErrno.EINVAL;
        }
        vcpu.thread().signalMask(true, ProcessMemory.getLong(address + KvmSignalMask.SIGSET_OFFSET));
        return 0;
    }

    /**
     * Copies the registers that user space has marked out of the shared page.
     *
     * @return zero or a negated errno
     */
    long takeFromPage(long classes) {
        long base = vcpu.page().address();
        if ((classes & KvmRun.SYNC_REGS) != 0) {
            setRegs(base + KvmRun.SYNC_REGS_OFFSET);
        }
        if ((classes & KvmRun.SYNC_SREGS) != 0 && special.set(base + KvmRun.SYNC_SREGS_OFFSET) != 0) {
            return NegatedErrno.EINVAL;
        }
        if ((classes & KvmRun.SYNC_EVENTS) != 0 && vcpu.events().set(base + KvmRun.SYNC_EVENTS_OFFSET) != 0) {
            return NegatedErrno.EINVAL;
        }
        vcpu.page().clearDirtyRegs();
        return 0;
    }

    void putIntoPage(long classes) {
        long base = vcpu.page().address();
        if ((classes & KvmRun.SYNC_REGS) != 0) {
            general.getRegs(base + KvmRun.SYNC_REGS_OFFSET);
        }
        if ((classes & KvmRun.SYNC_SREGS) != 0) {
            special.get(base + KvmRun.SYNC_SREGS_OFFSET);
        }
        if ((classes & KvmRun.SYNC_EVENTS) != 0) {
            vcpu.events().get(base + KvmRun.SYNC_EVENTS_OFFSET);
        }
    }

    /** Fixes CPUID, as the guest is about to run for the first time. */
    void ran() {
        hasRun = true;
    }
}
