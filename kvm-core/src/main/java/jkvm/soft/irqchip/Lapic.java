package jkvm.soft.irqchip;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jkvm.abi.KvmLapicState;

/**
 * A vCPU's local APIC (SDM volume 3, chapter 11), as xAPIC with registers in a page of memory and as x2APIC with
 * registers in MSRs. Public methods may be called by any thread and take the chips' lock, but for
 * {@link #hasInterrupt()}, which is one field read. The ones without a modifier are called with the lock held.
 */
public final class Lapic {
    private static final int NOTHING = -1;
    private static final VarHandle INTERRUPT;

    static {
        try {
            INTERRUPT = MethodHandles.lookup().findVarHandle(Lapic.class, "interrupt", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final IrqChips chips;
    private final Object lock;
    private final ApicBus bus;
    private final VcpuSignals signals;
    private final LapicTimer timer;
    private final ApicPage page;
    private final LapicRegisters registers;
    private final LapicMode mode;
    /** An interrupt for this vCPU is there, by priority; written with the lock held. */
    private boolean interrupt;
    /** The vector that user space injects with KVM_INTERRUPT where it has the PIC, or {@link #NOTHING}. */
    private int userVector = NOTHING;
    private final EndOfInterrupt ends;

    Lapic(IrqChips chips, int vcpuId, boolean bootCpu, Timers timers, VcpuSignals signals) {
        this.chips = chips;
        this.lock = chips.lock();
        this.bus = chips.bus();
        this.signals = signals;
        this.page = new ApicPage(vcpuId);
        this.timer = new LapicTimer(page, timers, signals, this::timerExpired);
        this.ends = new EndOfInterrupt(chips, this, page);
        this.registers = new LapicRegisters(this, bus, timer);
        this.mode = new LapicMode(this, bus, timer, registers, bootCpu);
    }

    // For the vCPU, before it runs guest code.

    /** True if an interrupt waits that its priority permits. Any thread, no lock, cheap enough for every block. */
    public boolean hasInterrupt() {
        return (boolean) INTERRUPT.getOpaque(this);
    }

    /**
     * Takes the most urgent interrupt: from the PIC's (or user space's) line first, then from this APIC, which puts it
     * into service. To be called when the guest can take it.
     *
     * @return its vector, or -1 if there is none any more
     */
    public int acknowledge() {
        synchronized (lock) {
            int vector = acknowledgeExternal();
            if (vector == NOTHING) {
                vector = page.deliverable();
                if (vector != NOTHING) {
                    page.requests.clear(vector);
                    page.inService.set(vector);
                    page.updatePriority();
                }
            }
            updateInterrupt();
            return vector;
        }
    }

    private int acknowledgeExternal() {
        if (!hasExternal()) {
            return NOTHING;
        }
        if (!chips.isSplit()) {
            return chips.pic().acknowledge();
        }
        int vector = userVector;
        userVector = NOTHING;
        return vector;
    }

    private boolean hasExternal() {
        return takesExternal() && (chips.isSplit() ? userVector != NOTHING : chips.pic().output());
    }

    /** True if the PIC's line reaches this vCPU: by LINT0 in ExtINT mode, or because the APIC is switched off. */
    boolean takesExternal() {
        int lint0 = page.get(ApicRegister.LVT_LINT0);
        return !page.isHardwareEnabled() || (lint0 & (ApicRegister.LVT_MASKED_BIT | ApicRegister.LVT_MODE_MASK))
                == ApicMessage.EXTINT;
    }

    /** True if KVM_INTERRUPT's vector would be taken at once: a split irqchip, LINT0 in ExtINT mode, none waiting. */
    public boolean isReadyForUserInterrupt() {
        synchronized (lock) {
            return takesExternal() && userVector == NOTHING;
        }
    }

    /**
     * KVM_INTERRUPT on a split irqchip.
     *
     * @return false if one is waiting already
     */
    public boolean userInterrupt(int vector) {
        synchronized (lock) {
            if (userVector != NOTHING) {
                return false;
            }
            userVector = vector;
            updateInterrupt();
            return true;
        }
    }

    /** The ends of this APIC's interrupts. */
    public EndOfInterrupt ends() {
        return ends;
    }

    // Registers.

    /** True if a physical address is in this APIC's page, also while it is switched off or an x2APIC. Any thread. */
    public boolean handlesMmio(long gpa) {
        long offset = gpa - page.address();
        return offset >= 0 && offset < ApicRegister.PAGE_SIZE;
    }

    /** Reads 1 to 8 bytes. Zero where there is no register or the access crosses one's end; all ones where no xAPIC. */
    public long readMmio(long gpa, int size) {
        synchronized (lock) {
            ends.collect();
            return registers.readMmio((int) (gpa - page.address()), size);
        }
    }

    /** Writes; only aligned accesses of four bytes have an effect. */
    public void writeMmio(long gpa, int size, long value) {
        int offset = (int) (gpa - page.address());
        if (size == Integer.BYTES && offset % ApicRegister.STRIDE == 0) {
            synchronized (lock) {
                ends.collect();
                registers.writeMmio(offset, (int) value);
            }
        }
    }

    /** True for the MSRs that x2APIC has, whether or not it is switched on. */
    public static boolean isX2ApicMsr(int index) {
        return LapicRegisters.isMsr(index);
    }

    /**
     * RDMSR of a register.
     *
     * @param result takes the value at index 0
     * @return false if it faults: no such register, or not in x2APIC mode
     */
    public boolean readMsr(int index, long[] result) {
        synchronized (lock) {
            ends.collect();
            return registers.readMsr(index, result);
        }
    }

    /**
     * WRMSR of a register.
     *
     * @return false if it faults: reserved bits, read-only, or not in x2APIC mode
     */
    public boolean writeMsr(int index, long value) {
        synchronized (lock) {
            ends.collect();
            return registers.writeMsr(index, value);
        }
    }

    // Priorities.

    /** CR8: bits 4 to 7 of the task priority. */
    public long taskPriority() {
        synchronized (lock) {
            return page.get(ApicRegister.TASK_PRIORITY) >>> 4 & 0xF;
        }
    }

    /**
     * MOV to CR8.
     *
     * @param cr8 0 to 15
     */
    public void setTaskPriority(long cr8) {
        synchronized (lock) {
            ends.collect();
            writeTaskPriority((int) cr8 << 4);
        }
    }

    void writeTaskPriority(int value) {
        page.set(ApicRegister.TASK_PRIORITY, value);
        page.updatePriority();
        updateInterrupt();
    }

    /** To be called after every change that may bring an interrupt or take one away. */
    void updateInterrupt() {
        boolean now = hasExternal() || page.deliverable() != NOTHING;
        INTERRUPT.setOpaque(this, now);
        if (now) {
            attend();
        }
    }

    /** Makes the vCPU look for interrupts. */
    void attend() {
        signals.attention();
    }

    // Messages.

    /**
     * Takes a message.
     *
     * @return 1 if it was accepted, also where the vector was waiting already; else 0
     */
    int accept(long message) {
        int vector = ApicMessage.vector(message);
        boolean level = ApicMessage.isLevelTriggered(message);
        switch (ApicMessage.deliveryMode(message)) {
            case ApicMessage.FIXED, ApicMessage.LOWEST_PRIORITY -> {
                return acceptFixed(vector, level, ApicMessage.isAsserted(message));
            }
            case ApicMessage.SMI -> {
                return signals.smi() ? 1 : 0;
            }
            case ApicMessage.NMI -> signals.nmi();
            case ApicMessage.INIT -> {
                if (level && !ApicMessage.isAsserted(message)) {
                    return 0;
                }
                signals.init();
            }
            case ApicMessage.STARTUP -> signals.startup(vector);
            case ApicMessage.EXTINT -> {
                return 0;
            }
            default -> signals.attention();
        }
        return 1;
    }

    private int acceptFixed(int vector, boolean level, boolean asserted) {
        if (level && !asserted || !page.isSoftwareEnabled() || !page.isHardwareEnabled()) {
            return 0;
        }
        bus.accepted(this, vector);
        page.triggerMode.put(vector, level);
        page.requests.set(vector);
        updateInterrupt();
        return 1;
    }

    /** Delivers an event of the local vector table. */
    void deliverLocal(int lvt) {
        int entry = page.get(lvt);
        if (page.isHardwareEnabled() && (entry & ApicRegister.LVT_MASKED_BIT) == 0) {
            int fields = ApicRegister.VECTOR_MASK | ApicRegister.LVT_MODE_MASK | ApicRegister.LVT_LEVEL_BIT;
            accept(ApicMessage.of(entry & fields | ApicMessage.ASSERT_BIT, 0));
        }
    }

    /** True if LINT0 passes its line on as an NMI: a watchdog by the interval timer. */
    boolean isLint0Nmi() {
        return (page.get(ApicRegister.LVT_LINT0) & (ApicRegister.LVT_MASKED_BIT | ApicRegister.LVT_MODE_MASK))
                == ApicMessage.NMI;
    }

    /** Called at the timer's deadline by the timers' thread without the lock, or with it. */
    void timerExpired() {
        synchronized (lock) {
            if (timer.expire()) {
                deliverLocal(ApicRegister.LVT_TIMER);
            }
        }
    }

    /** The MSR IA32_TSC_DEADLINE; 0 in other timer modes. */
    public long tscDeadline() {
        synchronized (lock) {
            return page.isHardwareEnabled() ? timer.tscDeadline() : 0;
        }
    }

    /** Arms the timer at a value of the time stamp counter; 0 disarms. Nothing happens in other timer modes. */
    public void setTscDeadline(long tsc) {
        synchronized (lock) {
            if (page.isHardwareEnabled()) {
                timer.setTscDeadline(tsc);
            }
        }
    }

    // Mode, reset, state.

    ApicPage page() {
        return page;
    }

    /**
     * Takes over from the guest's CPUID which timer modes and whether x2APIC can be switched on, and the address bits.
     */
    public void setFeatures(boolean tscDeadline, boolean x2Apic, int physicalAddressBits) {
        synchronized (lock) {
            mode.setFeatures(tscDeadline, x2Apic, physicalAddressBits, chips.isSplit());
        }
    }

    /** The MSR IA32_APIC_BASE. Any thread, no lock. */
    public long apicBase() {
        return page.base();
    }

    /**
     * Sets IA32_APIC_BASE, which moves the page and switches modes.
     *
     * @param fromGuest false for KVM_SET_SREGS and KVM_SET_MSRS, which may change from any mode to any other
     * @return false if it faults: reserved bits, x2APIC without the enable bit, or a change that the guest may not make
     */
    public boolean setApicBase(long value, boolean fromGuest) {
        synchronized (lock) {
            ends.collect();
            return mode.setApicBase(value, fromGuest);
        }
    }

    /** RESET, or INIT, which keeps the base and the id (SDM volume 3, 11.4.7). */
    public void reset(boolean isInit) {
        synchronized (lock) {
            ends.forget();
            mode.reset(isInit);
        }
    }

    /** KVM_GET_LAPIC. */
    public void read(KvmLapicState state) {
        synchronized (lock) {
            mode.read(state);
        }
    }

    /**
     * KVM_SET_LAPIC: takes the registers over as they are but for the version, the priority, which follows from the
     * others, and the timer, which goes on from its current count.
     *
     * @return 0 or a negated errno
     */
    public int write(KvmLapicState state) {
        synchronized (lock) {
            return mode.write(state);
        }
    }

    void restored() {
        chips.restoredLapic(this);
    }
}
