package jkvm.soft.irqchip;

/**
 * Accesses of a guest to its local APIC's registers: what reads find, what writes change. With the chips' lock held.
 */
final class LapicRegisters {
    private static final int FIRST_MSR = 0x800, LAST_MSR = 0x8FF;
    private final Lapic lapic;
    private final ApicPage page;
    private final ApicBus bus;
    private final LapicTimer timer;
    /** Writable bits of the timer's mode, by the guest's CPUID. */
    private int timerModeMask;

    LapicRegisters(Lapic lapic, ApicBus bus, LapicTimer timer) {
        this.lapic = lapic;
        this.page = lapic.page();
        this.bus = bus;
        this.timer = timer;
    }

    void setTimerModes(int mask) {
        timerModeMask = mask;
    }

    int timerMode() {
        return page.get(ApicRegister.LVT_TIMER) & timerModeMask;
    }

    private boolean hasMmio() {
        return page.isHardwareEnabled() && !page.isX2Apic();
    }

    /** Zero where there is no register or the access crosses one's end; all ones where there is no xAPIC. */
    long readMmio(int offset, int size) {
        if (!hasMmio()) {
            return size == 8 ? -1 : (1L << 8 * size) - 1;
        }
        int byteInRegister = offset % ApicRegister.STRIDE;
        int register = offset - byteInRegister;
        if (byteInRegister + size > Integer.BYTES || !ApicRegister.isReadable(register, false)) {
            return 0;
        }
        long value = Integer.toUnsignedLong(read(register)) >>> 8 * byteInRegister;
        return value & (1L << 8 * size) - 1;
    }

    void writeMmio(int register, int value) {
        if (hasMmio()) {
            write(register, value);
        }
    }

    static boolean isMsr(int index) {
        return index >= FIRST_MSR && index <= LAST_MSR;
    }

    /** @return false if it faults */
    boolean readMsr(int index, long[] result) {
        int register = (index - FIRST_MSR) * ApicRegister.STRIDE;
        if (!page.isX2Apic() || !ApicRegister.isReadable(register, true)) {
            return false;
        }
        long high = register == ApicRegister.COMMAND ? Integer.toUnsignedLong(page.get(ApicRegister.COMMAND_HIGH)) : 0;
        result[0] = high << 32 | Integer.toUnsignedLong(read(register));
        return true;
    }

    /** @return false if it faults */
    boolean writeMsr(int index, long value) {
        int register = (index - FIRST_MSR) * ApicRegister.STRIDE;
        if (!page.isX2Apic()) {
            return false;
        }
        if (register == ApicRegister.COMMAND) {
            page.set(ApicRegister.COMMAND_HIGH, (int) (value >>> 32));
            sendCommand((int) value, (int) (value >>> 32));
            return true;
        }
        return value >>> 32 == 0 && write(register, (int) value);
    }

    private int read(int register) {
        return switch (register) {
            case ApicRegister.ARBITRATION_PRIORITY -> 0;
            case ApicRegister.CURRENT_COUNT -> timer.currentCount();
            default -> page.get(register);
        };
    }

    /** @return false for what x2APIC mode answers with a fault */
    private boolean write(int register, int value) {
        switch (register) {
            case ApicRegister.TASK_PRIORITY -> lapic.writeTaskPriority(value & 0xF0);
            case ApicRegister.EOI -> lapic.ends().end();
            case ApicRegister.SPURIOUS_VECTOR -> writeSpurious(value);
            case ApicRegister.LVT_TIMER -> writeTimerLvt(value);
            case ApicRegister.LVT_THERMAL, ApicRegister.LVT_PERFORMANCE, ApicRegister.LVT_LINT0,
                    ApicRegister.LVT_LINT1, ApicRegister.LVT_ERROR -> writeLvt(register, value);
            case ApicRegister.INITIAL_COUNT -> {
                if (!timer.isTscDeadlineMode()) {
                    timer.setInitialCount(value);
                }
            }
            case ApicRegister.DIVIDE_CONFIGURATION -> {
                page.set(register, value & ApicRegister.DIVIDE_MASK);
                timer.setDivide(value);
            }
            case ApicRegister.ERROR_STATUS -> {
                return !page.isX2Apic() || value == 0;
            }
            case ApicRegister.SELF_IPI -> {
                if (page.isX2Apic() && (value & ~ApicRegister.VECTOR_MASK) == 0) {
                    bus.deliver(ApicMessage.of(ApicMessage.SELF | ApicMessage.ASSERT_BIT | value, 0), lapic);
                    return true;
                }
                return false;
            }
            default -> {
                return !page.isX2Apic() && writeXapicOnly(register, value);
            }
        }
        return true;
    }

    private boolean writeXapicOnly(int register, int value) {
        switch (register) {
            case ApicRegister.ID -> {
                page.set(register, value & ApicRegister.LDR_MASK);
                bus.rebuildMap();
            }
            case ApicRegister.LOGICAL_DESTINATION -> {
                page.set(register, value & ApicRegister.LDR_MASK);
                bus.rebuildMap();
            }
            case ApicRegister.DESTINATION_FORMAT -> {
                page.set(register, value | ApicRegister.DFR_CLUSTER);
                bus.rebuildMap();
            }
            case ApicRegister.COMMAND -> sendCommand(value, page.get(ApicRegister.COMMAND_HIGH) >>> 24);
            case ApicRegister.COMMAND_HIGH -> page.set(register, value & ApicRegister.LDR_MASK);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void sendCommand(int command, int destination) {
        int low = command & ~ApicMessage.BUSY_BIT;
        page.set(ApicRegister.COMMAND, low);
        bus.deliver(ApicMessage.of(low, destination), lapic);
    }

    private void writeSpurious(int value) {
        int writable = ApicRegister.SPURIOUS_WRITABLE;
        if ((page.get(ApicRegister.VERSION) & ApicRegister.VERSION_DIRECTED_EOI_BIT) != 0) {
            writable |= ApicRegister.SPURIOUS_DIRECTED_EOI_BIT;
        }
        boolean enabledBefore = page.isSoftwareEnabled();
        page.set(ApicRegister.SPURIOUS_VECTOR, value & writable);
        if (!page.isSoftwareEnabled()) {
            for (int lvt = ApicRegister.FIRST_LVT; lvt <= ApicRegister.LAST_LVT; lvt += ApicRegister.STRIDE) {
                page.set(lvt, page.get(lvt) | ApicRegister.LVT_MASKED_BIT);
            }
            lapic.updateInterrupt();
        }
        if (enabledBefore != page.isSoftwareEnabled()) {
            bus.rebuildMap();
        }
    }

    private void writeLvt(int register, int value) {
        int masked = page.isSoftwareEnabled() ? 0 : ApicRegister.LVT_MASKED_BIT;
        page.set(register, (value | masked) & ApicRegister.lvtMask(register));
        lapic.updateInterrupt();
    }

    private void writeTimerLvt(int value) {
        int masked = page.isSoftwareEnabled() ? 0 : ApicRegister.LVT_MASKED_BIT;
        page.set(ApicRegister.LVT_TIMER, (value | masked)
                & (ApicRegister.lvtMask(ApicRegister.LVT_TIMER) | timerModeMask));
        timer.setMode(timerMode());
    }
}
