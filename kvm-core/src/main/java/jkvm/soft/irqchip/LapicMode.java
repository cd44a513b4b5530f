package jkvm.soft.irqchip;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.abi.KvmLapicState;
import jkvm.linux.Errno;

/** A local APIC's modes, its reset, and its state as KVM_GET_LAPIC has it. With the chips' lock held. */
final class LapicMode {
    private final Lapic lapic;
    private final ApicPage page;
    private final ApicBus bus;
    private final LapicTimer timer;
    private final LapicRegisters registers;
    private final boolean bootCpu;
    private long reservedBaseBits = ApicRegister.BASE_RESERVED_LOW | ApicRegister.BASE_X2APIC_BIT;
    private boolean directedEoi;

    LapicMode(Lapic lapic, ApicBus bus, LapicTimer timer, LapicRegisters registers, boolean bootCpu) {
        this.lapic = lapic;
        this.page = lapic.page();
        this.bus = bus;
        this.timer = timer;
        this.registers = registers;
        this.bootCpu = bootCpu;
    }

    void setFeatures(boolean tscDeadline, boolean x2Apic, int physicalAddressBits, boolean split) {
        registers.setTimerModes(ApicRegister.TIMER_PERIODIC_BIT
                | (tscDeadline ? ApicRegister.TIMER_TSC_DEADLINE_BIT : 0));
        reservedBaseBits = ApicRegister.BASE_RESERVED_LOW | -1L << physicalAddressBits
                | (x2Apic ? 0 : ApicRegister.BASE_X2APIC_BIT);
        directedEoi = x2Apic && split;
        updateVersion();
    }

    private void updateVersion() {
        page.set(ApicRegister.VERSION, ApicRegister.VERSION_OF_SIX_LVTS
                | (directedEoi ? ApicRegister.VERSION_DIRECTED_EOI_BIT : 0));
    }

    /** @return false if it faults */
    boolean setApicBase(long value, boolean fromGuest) {
        boolean enabled = (value & ApicRegister.BASE_ENABLE_BIT) != 0;
        boolean x2Apic = ApicPage.isX2Apic(value);
        if ((value & reservedBaseBits) != 0 || !enabled && (value & ApicRegister.BASE_X2APIC_BIT) != 0) {
            return false;
        }
        boolean leavesX2Apic = page.isX2Apic() && enabled && !x2Apic;
        boolean skipsXapic = !page.isHardwareEnabled() && x2Apic;
        if (fromGuest && (leavesX2Apic || skipsXapic)) {
            return false;
        }
        changeBase(value);
        return true;
    }

    private void changeBase(long value) {
        long changed = page.base() ^ value;
        page.setBase(value);
        if ((changed & ApicRegister.BASE_ENABLE_BIT) != 0 && page.isHardwareEnabled()) {
            page.takeXapicId();
        }
        if ((changed & ApicRegister.BASE_X2APIC_BIT) != 0 && (value & ApicRegister.BASE_X2APIC_BIT) != 0) {
            page.takeX2ApicIds();
        }
        if ((changed & (ApicRegister.BASE_ENABLE_BIT | ApicRegister.BASE_X2APIC_BIT)) != 0) {
            bus.rebuildMap();
            lapic.updateInterrupt();
        }
    }

    void reset(boolean isInit) {
        timer.stop();
        if (!isInit) {
            page.setBase(ApicRegister.BASE_DEFAULT | ApicRegister.BASE_ENABLE_BIT
                    | (bootCpu ? ApicRegister.BASE_BOOT_CPU_BIT : 0));
            page.takeXapicId();
        }
        resetRegisters();
        timer.setMode(0);
        timer.updateDivide(0);
        page.updatePriority();
        bus.rebuildMap();
        lapic.updateInterrupt();
    }

    private void resetRegisters() {
        updateVersion();
        for (int lvt = ApicRegister.FIRST_LVT; lvt <= ApicRegister.LAST_LVT; lvt += ApicRegister.STRIDE) {
            page.set(lvt, ApicRegister.LVT_MASKED_BIT);
        }
        if (bootCpu) {
            page.set(ApicRegister.LVT_LINT0, ApicMessage.EXTINT);
        }
        page.set(ApicRegister.DESTINATION_FORMAT, ApicRegister.DFR_FLAT);
        page.set(ApicRegister.SPURIOUS_VECTOR, ApicRegister.VECTOR_MASK);
        page.set(ApicRegister.TASK_PRIORITY, 0);
        if (!page.isX2Apic()) {
            page.set(ApicRegister.LOGICAL_DESTINATION, 0);
        }
        page.set(ApicRegister.ERROR_STATUS, 0);
        page.set(ApicRegister.COMMAND, 0);
        page.set(ApicRegister.COMMAND_HIGH, 0);
        page.set(ApicRegister.DIVIDE_CONFIGURATION, 0);
        page.set(ApicRegister.INITIAL_COUNT, 0);
        page.requests.clear();
        page.inService.clear();
        page.triggerMode.clear();
    }

    void read(KvmLapicState state) {
        MemorySegment.copy(page.words(), 0, state.segment(), ValueLayout.JAVA_INT, 0, page.words().length);
        state.register(ApicRegister.CURRENT_COUNT, timer.currentCount());
        if (page.isX2Apic() && !bus.wideIds) {
            state.register(ApicRegister.ID, page.get(ApicRegister.ID) << 24);
        }
    }

    /** @return 0 or a negated errno */
    int write(KvmLapicState state) {
        int id = state.register(ApicRegister.ID);
        if (page.isX2Apic() && (bus.wideIds ? id : id >>> 24) != page.vcpuId()) {
            return -Errno.EINVAL.code();
        }
        MemorySegment.copy(state.segment(), ValueLayout.JAVA_INT, 0, page.words(), 0, page.words().length);
        if (page.isX2Apic()) {
            page.takeX2ApicIds();
        }
        updateVersion();
        bus.rebuildMap();
        page.updatePriority();
        timer.stop();
        int currentCount = page.get(ApicRegister.CURRENT_COUNT);
        timer.setMode(registers.timerMode());
        timer.updateDivide(page.get(ApicRegister.DIVIDE_CONFIGURATION));
        timer.restore(currentCount);
        page.set(ApicRegister.CURRENT_COUNT, 0);
        lapic.restored();
        lapic.updateInterrupt();
        return 0;
    }
}
