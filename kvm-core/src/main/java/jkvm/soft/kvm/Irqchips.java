package jkvm.soft.kvm;

import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmIrqLevel;
import jkvm.abi.KvmIrqRouting;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmMsi;
import jkvm.abi.KvmPitConfig;
import jkvm.abi.KvmPitState2;
import jkvm.abi.KvmReinjectControl;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.irqchip.CountedTimers;
import jkvm.soft.irqchip.HostTimers;
import jkvm.soft.irqchip.IrqChips;
import jkvm.soft.irqchip.Lapic;
import jkvm.soft.irqchip.Pit;
import jkvm.soft.irqchip.Timers;
import jkvm.work.InstructionClock;

/**
 * The interrupt controllers inside KVM, if the VM has any, and the requests for them. Any thread; the controllers have
 * a lock of their own.
 */
final class Irqchips {
    /** Highest number of pins that user space's IOAPIC may reserve. */
    private static final int MAX_USER_PINS = 4096;
    private static final int MSI_DEVID_FLAG = 1;
    private static final int PIT_STATE_SIZE = 72;
    private static final int REINJECT_SIZE = (int) KvmReinjectControl.SIZE;

    private final SoftVm vm;
    private final IrqEvents events;
    private volatile IrqChips chips;
    private volatile Pit pit;
    private Timers timers;
    private boolean wideIds, noBroadcastQuirk;

    Irqchips(SoftVm vm) {
        this.vm = vm;
        this.events = new IrqEvents(vm);
    }

    /** The controllers, or null. */
    IrqChips chips() {
        return chips;
    }

    IrqEvents events() {
        return events;
    }

    boolean hasLapics() {
        return chips != null;
    }

    boolean hasPic() {
        IrqChips all = chips;
        return all != null && !all.isSplit();
    }

    /** The local APIC of a new vCPU; null where user space has them. */
    Lapic newLapic(SoftVcpu vcpu) {
        IrqChips all = chips;
        return all == null ? null : all.addVcpu(vcpu.id(), vcpu.isBootCpu(), vcpu.signals());
    }

    long answer(KvmIoctl request, long argument) {
        return switch (request) {
            case CREATE_IRQCHIP -> create();
            case IRQ_LINE, IRQ_LINE_STATUS -> line(argument, request == KvmIoctl.IRQ_LINE_STATUS);
            case GET_IRQCHIP -> getChip(argument);
            case SET_IRQCHIP -> setChip(argument);
            case CREATE_PIT -> createPit(KvmPitConfig.SPEAKER_DUMMY);
            case CREATE_PIT2 -> createPit(ProcessMemory.getInt(argument + KvmPitConfig.FLAGS_OFFSET));
            case GET_PIT -> getPit(argument, PIT_STATE_SIZE);
            case GET_PIT2 -> getPit(argument, KvmPitState2.SIZE);
            case SET_PIT -> setPit(argument, PIT_STATE_SIZE);
            case SET_PIT2 -> setPit(argument, KvmPitState2.SIZE);
            case REINJECT_CONTROL -> reinject(argument);
            case SET_GSI_ROUTING -> route(argument);
            case SIGNAL_MSI -> signalMsi(argument);
            case IRQFD -> chips == null ? NegatedErrno.EINVAL : events.request(argument, chips);
            default -> NegatedErrno.ENOTTY;
        };
    }

    private synchronized Timers timers() {
        if (timers == null) {
            InstructionClock counted = vm.kvm.instructionClock();
            timers = counted == null ? new HostTimers("kvm-timers") : new CountedTimers(counted);
        }
        return timers;
    }

    private synchronized long create() {
        if (chips != null) {
            return NegatedErrno.EEXIST;
        }
        if (vm.hasVcpus()) {
            return NegatedErrno.EINVAL;
        }
        chips = IrqChips.full(timers());
        chips.setX2ApicApi(wideIds, noBroadcastQuirk);
        return 0;
    }

    /** KVM_CAP_SPLIT_IRQCHIP. */
    synchronized long split(long pins) {
        if (Long.compareUnsigned(pins, MAX_USER_PINS) > 0) {
            return NegatedErrno.EINVAL;
        }
        if (chips != null || vm.hasVcpus()) {
            return NegatedErrno.EEXIST;
        }
        chips = IrqChips.split((int) pins, timers());
        chips.setX2ApicApi(wideIds, noBroadcastQuirk);
        return 0;
    }

    /** KVM_CAP_X2APIC_API. */
    synchronized long enableX2apicApi(long flags) {
        if ((flags & ~Capabilities.X2APIC_FLAGS) != 0) {
            return NegatedErrno.EINVAL;
        }
        wideIds |= (flags & 1) != 0;
        noBroadcastQuirk |= (flags & 2) != 0;
        if (chips != null) {
            chips.setX2ApicApi(wideIds, noBroadcastQuirk);
        }
        return 0;
    }

    private long line(long address, boolean wantsStatus) {
        IrqChips all = chips;
        if (all == null) {
            return NegatedErrno.ENXIO;
        }
        int status = all.setLine(ProcessMemory.getInt(address + KvmIrqLevel.IRQ_OFFSET),
                ProcessMemory.getInt(address + KvmIrqLevel.LEVEL_OFFSET) != 0, wantsStatus);
        if (wantsStatus) {
            ProcessMemory.setInt(address + KvmIrqLevel.STATUS_OFFSET, status);
        }
        return 0;
    }

    private long getChip(long address) {
        if (!hasPic()) {
            return NegatedErrno.ENXIO;
        }
        KvmIrqchip state = new KvmIrqchip(ProcessMemory.getInt(address + KvmIrqchip.CHIP_ID_OFFSET));
        int error = chips.read(state);
        if (error == 0) {
            ProcessMemory.at(address, KvmIrqchip.SIZE).copyFrom(state.segment());
        }
        return error;
    }

    private long setChip(long address) {
        if (!hasPic()) {
            return NegatedErrno.ENXIO;
        }
        KvmIrqchip state = new KvmIrqchip(0);
        state.segment().copyFrom(ProcessMemory.at(address, KvmIrqchip.SIZE));
        return chips.write(state);
    }

    /** A timer needs a PIC or an IOAPIC to interrupt by, here or in user space. */
    private synchronized long createPit(int flags) {
        if (pit != null) {
            return NegatedErrno.EEXIST;
        }
        if (chips == null) {
            return NegatedErrno.ENOENT;
        }
        pit = new Pit(timers(), chips, (flags & KvmPitConfig.SPEAKER_DUMMY) != 0);
        return 0;
    }

    private long getPit(long address, long size) {
        Pit timer = pit;
        if (timer == null) {
            return NegatedErrno.ENXIO;
        }
        KvmPitState2 state = new KvmPitState2();
        timer.read(state);
        ProcessMemory.at(address, size).copyFrom(state.segment().asSlice(0, size));
        return 0;
    }

    private long setPit(long address, long size) {
        Pit timer = pit;
        if (timer == null) {
            return NegatedErrno.ENXIO;
        }
        KvmPitState2 state = new KvmPitState2();
        timer.read(state);
        state.segment().asSlice(0, size).copyFrom(ProcessMemory.at(address, size));
        timer.write(state);
        return 0;
    }

    private long reinject(long address) {
        if (!vm.kvm.hostMemory().isReadable(address, REINJECT_SIZE)) {
            return NegatedErrno.EFAULT;
        }
        Pit timer = pit;
        if (timer == null) {
            return NegatedErrno.ENXIO;
        }
        timer.setReinject(ProcessMemory.getByte(address + KvmReinjectControl.PIT_REINJECT_OFFSET) != 0);
        return 0;
    }

    private long route(long address) {
        int count = ProcessMemory.getInt(address + KvmIrqRouting.NR_OFFSET);
        int flags = ProcessMemory.getInt(address + KvmIrqRouting.FLAGS_OFFSET);
        if (chips == null || Integer.compareUnsigned(count, Capabilities.MAX_ROUTES) > 0 || flags != 0) {
            return NegatedErrno.EINVAL;
        }
        long entries = address + KvmIrqRouting.ENTRIES_OFFSET;
        if (!vm.kvm.hostMemory().isReadable(entries, count * KvmIrqRouting.ENTRY_SIZE)) {
            return NegatedErrno.EFAULT;
        }
        return chips.setRouting(count, flags, ProcessMemory.at(entries, count * KvmIrqRouting.ENTRY_SIZE));
    }

    private long signalMsi(long address) {
        IrqChips all = chips;
        if (all == null || (ProcessMemory.getInt(address + KvmMsi.FLAGS_OFFSET) & ~MSI_DEVID_FLAG) != 0) {
            return NegatedErrno.EINVAL;
        }
        long low = ProcessMemory.getInt(address + KvmMsi.ADDRESS_LO_OFFSET) & 0xFFFFFFFFL;
        long high = ProcessMemory.getInt(address + KvmMsi.ADDRESS_HI_OFFSET);
        return all.signalMsi(high << 32 | low, ProcessMemory.getInt(address + KvmMsi.DATA_OFFSET));
    }

    /** Takes a signal of an event that interrupts. */
    void signalled(IrqEvent irq) {
        events.signalled(irq);
    }

    /** True if an access to memory is one to a controller. */
    boolean claims(SoftVcpu vcpu, long gpa, int size) {
        Lapic lapic = vcpu.lapic();
        return lapic != null && (lapic.handlesMmio(gpa) || chips.handlesMmio(gpa, size));
    }

    long read(SoftVcpu vcpu, long gpa, int size) {
        return vcpu.lapic().handlesMmio(gpa) ? vcpu.lapic().readMmio(gpa, size) : chips.readMmio(gpa, size);
    }

    void write(SoftVcpu vcpu, long gpa, int size, long value) {
        if (vcpu.lapic().handlesMmio(gpa)) {
            vcpu.lapic().writeMmio(gpa, size, value);
        } else {
            chips.writeMmio(gpa, size, value);
        }
    }

    /**
     * A port read.
     *
     * @return true if a controller has answered, with the value in the processor's transfer register
     */
    boolean readPort(int port, int size, Cpu cpu) {
        IrqChips all = chips;
        Pit timer = pit;
        if (all != null && all.handlesPort(port, size)) {
            cpu.transfer = all.readPort(port, size);
            return true;
        }
        if (timer != null && timer.handlesPort(port, size)) {
            cpu.transfer = timer.readPort(port, size, (int) cpu.r[Cpu.RAX] & 0xFF) & (1L << 8 * size) - 1;
            return true;
        }
        return false;
    }

    /**
     * A port write.
     *
     * @return true if it was a controller's
     */
    boolean writePort(int port, int size, long value) {
        IrqChips all = chips;
        Pit timer = pit;
        if (all != null && all.handlesPort(port, size)) {
            all.writePort(port, size, (int) value);
            return true;
        }
        if (timer != null && timer.handlesPort(port, size)) {
            timer.writePort(port, size, (int) value);
            return true;
        }
        return false;
    }

    /** KVM_HC_KICK_CPU: wakes the vCPU of an APIC id. */
    void kick(int apicId) {
        SoftVcpu target = vm.vcpu(apicId);
        if (target != null && target.lapic() != null) {
            target.unhalt();
        }
    }

    /** Releases events and timers, as the VM ends. */
    void close() {
        events.close();
        synchronized (this) {
            if (timers instanceof HostTimers running) {
                running.close();
            }
        }
    }
}
