package jkvm.soft.irqchip;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jkvm.abi.KvmIrqchip;
import jkvm.linux.Errno;

/**
 * The interrupt controllers of a VM: a local APIC for each vCPU, and PIC and IOAPIC unless user space has those (a
 * split irqchip). One lock guards all of them, the interval timer too; it is held for some ten nanoseconds at a time,
 * and with it held nothing outside is called but {@link VcpuSignals}, {@link Timers} and the resample events. Public
 * methods may be called by any thread.
 */
public final class IrqChips {
    /** Sources that share a line; it is high as long as one of them holds it up. */
    static final int USER_SOURCE = 0, PIT_SOURCE = 1, RESAMPLE_SOURCE = 2;
    private static final int NO_LINE = -1;
    private static final int FIRST_CHIP = KvmIrqchip.PIC_MASTER, LAST_CHIP = KvmIrqchip.IOAPIC;
    private static final AckNotifier[] NO_NOTIFIERS = {};

    private final Object lock = new Object();
    private final Timers timers;
    private final ApicBus bus = new ApicBus();
    /** Null on a split irqchip. */
    private final Pic pic;
    private final Ioapic ioapic;
    private final int userPins;
    private volatile GsiRouting routing;
    /** By GSI; grows as needed. */
    private AckNotifier[][] notifiers = {};
    private Pit pit;

    private IrqChips(boolean split, int userPins, Timers timers) {
        this.timers = timers;
        this.userPins = userPins;
        this.pic = split ? null : new Pic(this);
        this.ioapic = split ? null : new Ioapic(this, timers);
        this.routing = split ? GsiRouting.empty() : GsiRouting.standard();
    }

    /** KVM_CREATE_IRQCHIP: PIC, IOAPIC and the standard routes. */
    public static IrqChips full(Timers timers) {
        return new IrqChips(false, 0, timers);
    }

    /**
     * KVM_CAP_SPLIT_IRQCHIP.
     *
     * @param userPins of user space's IOAPIC, whose GSIs come first in the routing table
     */
    public static IrqChips split(int userPins, Timers timers) {
        return new IrqChips(true, userPins, timers);
    }

    /** True if user space has PIC and IOAPIC. */
    public boolean isSplit() {
        return pic == null;
    }

    /** The lock of all chips. */
    Object lock() {
        return lock;
    }

    ApicBus bus() {
        return bus;
    }

    Pic pic() {
        return pic;
    }

    Ioapic ioapic() {
        return ioapic;
    }

    /**
     * Makes a new vCPU's local APIC, reset.
     *
     * @param bootCpu it listens to the PIC after a reset
     */
    public Lapic addVcpu(int id, boolean bootCpu, VcpuSignals signals) {
        synchronized (lock) {
            Lapic lapic = new Lapic(this, id, bootCpu, timers, signals);
            lapic.reset(false);
            bus.add(lapic);
            return lapic;
        }
    }

    /** KVM_CAP_X2APIC_API. */
    public void setX2ApicApi(boolean wideIds, boolean noBroadcastQuirk) {
        synchronized (lock) {
            bus.wideIds |= wideIds;
            bus.broadcastQuirkDisabled |= noBroadcastQuirk;
        }
    }

    // Lines and messages.

    /**
     * KVM_IRQ_LINE, KVM_IRQ_LINE_STATUS.
     *
     * @param wantsStatus true for the latter
     * @return the sum of what the chips answer that the GSI leads to, of those that are not masked; -1 without any
     */
    public int setLine(int gsi, boolean level, boolean wantsStatus) {
        synchronized (lock) {
            return setLine(gsi, USER_SOURCE, level, wantsStatus);
        }
    }

    int setLine(int gsi, int source, boolean level, boolean wantsStatus) {
        int result = NO_LINE;
        for (GsiRouting.Route route : routing.routes(gsi)) {
            int answer = setRoute(route, source, level, wantsStatus);
            if (answer >= 0) {
                result = Math.max(result, 0) + answer;
            }
        }
        return result;
    }

    private int setRoute(GsiRouting.Route route, int source, boolean level, boolean wantsStatus) {
        if (route.isMessage()) {
            long message = ApicMessage.ofMsi(route.address(), route.data(), bus.wideIds);
            return level ? bus.deliver(message, (Lapic) null) : NO_LINE;
        }
        if (isSplit()) {
            return NO_LINE;
        }
        return route.chip() == GsiRouting.IOAPIC ? ioapic.setLine(route.pin(), source, level, wantsStatus)
                : pic.setLine(route.pin(), source, level);
    }

    /** Makes an edge, as a signal of an irqfd does. */
    void pulse(int gsi, int source) {
        setLine(gsi, source, true, false);
        setLine(gsi, source, false, false);
    }

    /**
     * KVM_SIGNAL_MSI, its flags checked by the caller.
     *
     * @return how many local APICs accepted it; -EPERM where there is no vCPU, -EINVAL for an address with bits that
     *         32-bit ids do not have
     */
    public int signalMsi(long address, int data) {
        synchronized (lock) {
            if (bus.wideIds && (address >>> 32 & 0xFF) != 0) {
                return -Errno.EINVAL.code();
            }
            int accepted = bus.deliver(ApicMessage.ofMsi(address, data, bus.wideIds), (Lapic) null);
            return accepted == ApicBus.NO_DESTINATION ? -Errno.EPERM.code() : accepted;
        }
    }

    /**
     * KVM_SET_GSI_ROUTING.
     *
     * @param count   entries, as unsigned
     * @param entries the structs, at least {@code count}
     * @return 0 or a negated errno
     */
    public int setRouting(int count, int flags, MemorySegment entries) {
        if (flags != 0 || Integer.compareUnsigned(count, GsiRouting.LIMIT) > 0) {
            return -Errno.EINVAL.code();
        }
        try {
            GsiRouting replacement = GsiRouting.of(entries, count, isSplit(), bus.wideIds);
            synchronized (lock) {
                routing = replacement;
            }
            return 0;
        } catch (GsiRouting.RefusedException e) {
            return e.negatedErrno();
        }
    }

    // Ends of interrupts.

    /** Tells of the end of an interrupt of a chip's pin. */
    void acknowledged(int chip, int pin) {
        int gsi = routing.gsi(chip, pin);
        if (gsi >= 0 && gsi < notifiers.length) {
            for (AckNotifier notifier : notifiers[gsi]) {
                notifier.acknowledged();
            }
        }
    }

    /** GSIs that cannot be routed have no ends to hear of. */
    void addNotifier(int gsi, AckNotifier notifier) {
        if (Integer.compareUnsigned(gsi, GsiRouting.LIMIT) >= 0) {
            return;
        }
        if (gsi >= notifiers.length) {
            int old = notifiers.length;
            notifiers = Arrays.copyOf(notifiers, gsi + 1);
            Arrays.fill(notifiers, old, gsi + 1, NO_NOTIFIERS);
        }
        AckNotifier[] more = Arrays.copyOf(notifiers[gsi], notifiers[gsi].length + 1);
        more[more.length - 1] = notifier;
        notifiers[gsi] = more;
    }

    void removeNotifier(int gsi, AckNotifier notifier) {
        if (Integer.compareUnsigned(gsi, notifiers.length) < 0) {
            notifiers[gsi] = Arrays.stream(notifiers[gsi]).filter(other -> other != notifier)
                    .toArray(AckNotifier[]::new);
        }
    }

    boolean hasNotifier(int chip, int pin) {
        int gsi = routing.gsi(chip, pin);
        return gsi >= 0 && gsi < notifiers.length && notifiers[gsi].length > 0;
    }

    /** Tells that a pin was masked or unmasked. */
    void maskChanged(int chip, int pin, boolean masked) {
        if (pit != null && routing.gsi(chip, pin) == Pit.GSI) {
            pit.maskChanged(masked);
        }
    }

    /** True if an I/O APIC's pin may have sent this vector, so that its end has to be broadcast. */
    boolean wantsEoi(Lapic lapic, int vector) {
        return isSplit() ? isEoiWanted(lapic, vector) : ioapic.handles(vector);
    }

    /** True if user space's IOAPIC has a level-triggered route with this vector to this APIC. */
    boolean isEoiWanted(Lapic lapic, int vector) {
        int last = Math.min(userPins, routing.size());
        for (int gsi = 0; gsi < last; gsi++) {
            for (GsiRouting.Route route : routing.routes(gsi)) {
                long message = ApicMessage.ofMsi(route.address(), route.data(), bus.wideIds);
                if (route.isMessage() && ApicMessage.vector(message) == vector
                        && ApicMessage.isLevelTriggered(message) && bus.matches(lapic, message, null)) {
                    return true;
                }
            }
        }
        return false;
    }

    void picOutputChanged() {
        for (Lapic lapic : bus.lapics()) {
            if (lapic.takesExternal()) {
                lapic.updateInterrupt();
            }
        }
    }

    void restoredLapic(Lapic lapic) {
        if (!isSplit()) {
            ioapic.restoredLapic(lapic);
        }
    }

    void attach(Pit pit) {
        this.pit = pit;
    }

    // The chips' ports and memory, for all vCPUs alike.

    /** True if a port access is the PIC's. */
    public boolean handlesPort(int port, int size) {
        return pic != null && Pic.handlesPort(port, size);
    }

    /** A port read that {@link #handlesPort} says is the PIC's. */
    public int readPort(int port, int size) {
        synchronized (lock) {
            return pic.read(port, size);
        }
    }

    /** A port write that {@link #handlesPort} says is the PIC's. */
    public void writePort(int port, int size, int value) {
        synchronized (lock) {
            pic.write(port, size, value);
        }
    }

    /** True if a memory access is the IOAPIC's. */
    public boolean handlesMmio(long gpa, int size) {
        return ioapic != null && ioapic.handlesMmio(gpa, size);
    }

    /** A read that {@link #handlesMmio} says is the IOAPIC's. */
    public long readMmio(long gpa, int size) {
        synchronized (lock) {
            return ioapic.readMmio(gpa, size);
        }
    }

    /** A write that {@link #handlesMmio} says is the IOAPIC's. */
    public void writeMmio(long gpa, int size, long value) {
        synchronized (lock) {
            ioapic.writeMmio(gpa, size, value);
        }
    }

    // States.

    /**
     * KVM_GET_IRQCHIP: fills the struct by its chip number.
     *
     * @return 0 or a negated errno
     */
    public int read(KvmIrqchip state) {
        synchronized (lock) {
            int error = checkChip(state.chipId());
            if (error == 0) {
                if (state.chipId() == KvmIrqchip.IOAPIC) {
                    ioapic.read(state.ioapic());
                } else {
                    pic.read(state.chipId(), state.pic());
                }
            }
            return error;
        }
    }

    /**
     * KVM_SET_IRQCHIP.
     *
     * @return 0 or a negated errno
     */
    public int write(KvmIrqchip state) {
        synchronized (lock) {
            int error = checkChip(state.chipId());
            if (error == 0) {
                if (state.chipId() == KvmIrqchip.IOAPIC) {
                    ioapic.write(state.ioapic());
                    pic.update();
                } else {
                    pic.write(state.chipId(), state.pic());
                }
            }
            return error;
        }
    }

    private int checkChip(int chip) {
        if (isSplit()) {
            return -Errno.ENXIO.code();
        }
        return chip < FIRST_CHIP || chip > LAST_CHIP ? -Errno.EINVAL.code() : 0;
    }
}
