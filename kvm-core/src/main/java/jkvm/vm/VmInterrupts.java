package jkvm.vm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmIrqLevel;
import jkvm.abi.KvmIrqRouting;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmIrqfd;
import jkvm.abi.KvmMsi;
import jkvm.abi.KvmPitConfig;
import jkvm.abi.KvmPitState2;
import jkvm.abi.KvmReinjectControl;
import jkvm.linux.EventFd;
import jkvm.linux.Syscalls;

/**
 * Interrupts of a VM with an in-kernel interrupt controller. A line is named by its GSI, the global system interrupt
 * number. Any thread may call.
 */
public final class VmInterrupts {
    /** GSIs whose two levels lie prepared in memory, which the kernel only reads, so that threads share them. */
    private static final int PREPARED_GSIS = 256;

    private final KvmFd fd;
    private final MemorySegment levels;

    VmInterrupts(KvmFd fd) {
        this.fd = fd;
        this.levels = Arena.ofAuto().allocate(PREPARED_GSIS * 2 * KvmIrqLevel.SIZE, 8);
        int[] prepared = new int[PREPARED_GSIS * 2 * (int) (KvmIrqLevel.SIZE / Integer.BYTES)];
        for (int i = 0; i < PREPARED_GSIS * 2; i++) {
            prepared[(int) (i * KvmIrqLevel.SIZE + KvmIrqLevel.IRQ_OFFSET) / Integer.BYTES] = i / 2;
            prepared[(int) (i * KvmIrqLevel.SIZE + KvmIrqLevel.LEVEL_OFFSET) / Integer.BYTES] = i % 2;
        }
        MemorySegment.copy(prepared, 0, levels, ValueLayout.JAVA_INT, 0, prepared.length);
    }

    /** Creates PIC, IOAPIC and LAPICs in the kernel (KVM API 4.24). Before the first vCPU. */
    public void createIrqchip() {
        fd.ioctl(KvmIoctl.CREATE_IRQCHIP, 0);
    }

    /**
     * Puts LAPICs into the kernel, and leaves PIC and IOAPIC to user space (KVM API 7.5). Before the first vCPU.
     *
     * @param pins of the IOAPIC
     */
    public void createSplitIrqchip(int pins) {
        fd.enable(KvmCap.SPLIT_IRQCHIP, pins);
    }

    /**
     * Creates the interval timer in the kernel (KVM API 4.71).
     *
     * @param flags of {@link KvmPitConfig}
     */
    public void createPit2(int flags) {
        KvmPitConfig config = new KvmPitConfig();
        config.flags(flags);
        fd.ioctl(KvmIoctl.CREATE_PIT2, config);
    }

    /**
     * The state of one interrupt controller.
     *
     * @param chipId of {@link KvmIrqchip}
     */
    public KvmIrqchip irqchip(int chipId) {
        return readIrqchip(new KvmIrqchip(chipId));
    }

    /** As {@link #irqchip(int)}, into a struct of the caller's with its chip number set; returns it. */
    public KvmIrqchip readIrqchip(KvmIrqchip irqchip) {
        fd.ioctl(KvmIoctl.GET_IRQCHIP, irqchip);
        return irqchip;
    }

    /** Sets the state of one interrupt controller (KVM_SET_IRQCHIP). */
    public void irqchip(KvmIrqchip irqchip) {
        fd.ioctl(KvmIoctl.SET_IRQCHIP, irqchip);
    }

    /** The state of the interval timer (KVM_GET_PIT2). */
    public KvmPitState2 pit2() {
        return readPit2(new KvmPitState2());
    }

    /** As {@link #pit2()}, into a struct of the caller's, which it returns. */
    public KvmPitState2 readPit2(KvmPitState2 pit) {
        fd.ioctl(KvmIoctl.GET_PIT2, pit);
        return pit;
    }

    /** Sets the state of the interval timer (KVM_SET_PIT2). */
    public void pit2(KvmPitState2 pit) {
        fd.ioctl(KvmIoctl.SET_PIT2, pit);
    }

    /** Sets whether timer interrupts that the guest missed are delivered later (KVM_REINJECT_CONTROL). */
    public void reinjectPit(boolean reinject) {
        KvmReinjectControl control = new KvmReinjectControl();
        control.pitReinject(reinject);
        fd.ioctl(KvmIoctl.REINJECT_CONTROL, control);
    }

    /**
     * Sets the level of an interrupt line; an edge is high, then low (KVM API 4.25). Allocates nothing below GSI 256.
     */
    public void irqLine(int gsi, boolean level) {
        if (gsi >= 0 && gsi < PREPARED_GSIS) {
            fd.ioctl(KvmIoctl.IRQ_LINE, levels.address() + (2L * gsi + (level ? 1 : 0)) * KvmIrqLevel.SIZE);
            Reference.reachabilityFence(this);
        } else {
            fd.ioctl(KvmIoctl.IRQ_LINE, irqLevel(gsi, level));
        }
    }

    /**
     * As {@link #irqLine}, and tells what became of it (KVM_IRQ_LINE_STATUS).
     *
     * @return above zero: delivered; zero: coalesced with one that waits; below zero: masked
     */
    public int irqLineStatus(int gsi, boolean level) {
        KvmIrqLevel line = irqLevel(gsi, level);
        fd.ioctl(KvmIoctl.IRQ_LINE_STATUS, line);
        return line.status();
    }

    private static KvmIrqLevel irqLevel(int gsi, boolean level) {
        KvmIrqLevel line = new KvmIrqLevel();
        line.irq(gsi);
        line.level(level ? 1 : 0);
        return line;
    }

    /** Replaces the table of the GSIs' routes (KVM API 4.52). */
    public void routing(KvmIrqRouting routing) {
        fd.ioctl(KvmIoctl.SET_GSI_ROUTING, routing);
    }

    /**
     * Delivers a message-signalled interrupt (KVM API 4.70).
     *
     * @return above zero: delivered; zero: blocked by the guest
     */
    public int signalMsi(long address, int data) {
        KvmMsi msi = new KvmMsi();
        msi.addressLo((int) address);
        msi.addressHi((int) (address >>> 32));
        msi.data(data);
        return signalMsi(msi);
    }

    /** As {@link #signalMsi(long, int)}, from a struct of the caller's. */
    public int signalMsi(KvmMsi msi) {
        return (int) fd.ioctl(KvmIoctl.SIGNAL_MSI, msi);
    }

    /** Connects an event to a GSI: each signal is an edge (KVM API 4.75). */
    public void addIrqfd(EventFd event, int gsi) {
        irqfd(event, gsi, 0, 0);
    }

    /**
     * Connects an event to a level-triggered GSI: a signal raises the line. At the guest's end of interrupt the line
     * falls, and KVM signals {@code resample} (KVM API 4.75, KVM_CAP_IRQFD_RESAMPLE).
     */
    public void addIrqfd(EventFd event, int gsi, EventFd resample) {
        irqfd(event, gsi, KvmIrqfd.RESAMPLE, resample.number());
    }

    /** Undoes {@code addIrqfd}. */
    public void removeIrqfd(EventFd event, int gsi) {
        irqfd(event, gsi, KvmIrqfd.DEASSIGN, 0);
    }

    private void irqfd(EventFd event, int gsi, int flags, int resample) {
        KvmIrqfd irqfd = new KvmIrqfd();
        irqfd.fd(event.number());
        irqfd.gsi(gsi);
        irqfd.flags(flags);
        irqfd.resamplefd(resample);
        long result = fd.tryIoctl(KvmIoctl.IRQFD, irqfd);
        if (Syscalls.isError(result)) {
            if ((flags & KvmIrqfd.RESAMPLE) != 0) {
                fd.require(KvmCap.IRQFD_RESAMPLE);
            }
            throw fd.failure(KvmIoctl.IRQFD, (int) -result);
        }
    }
}
