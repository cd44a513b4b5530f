package jkvm.machine.board;

import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmPicState;
import jkvm.abi.KvmPitChannelState;
import jkvm.abi.KvmPitState2;
import jkvm.vm.Vcpu;
import jkvm.vm.VmInterrupts;

/**
 * Interrupt controllers and the interval timer as a guest finds them. All counters of the timer count from 65536, as in
 * QEMU: KVM's own, just created, stand still, and a kernel that waits for the timer of a PC's firmware waits for ever.
 * Without firmware the chips are as SeaBIOS leaves them to a kernel.
 */
public final class InterruptPowerOn {
    private static final int CHANNELS = 3;
    private static final int RATE_GENERATOR = 2;
    private static final int SQUARE_WAVE = 3;
    private static final int LOW_THEN_HIGH = 3;

    private static final int SLAVE_FIRST_GSI = 8;
    private static final int MASTER_VECTORS = 0x08;
    private static final int SLAVE_VECTORS = 0x70;
    /** Timer, keyboard, the other controller and the floppy disk's line are open. */
    private static final int MASTER_MASK = 0xB8;
    /** Clock, mouse, coprocessor and the first disk's line are open. */
    private static final int SLAVE_MASK = 0x8E;

    private static final int LAPIC_ENABLED = 0x1FF;
    private static final int LEVEL_BIT = 0x8000;
    /** The last command sent: a start-up interrupt to all others, vector 10h. */
    private static final int STARTED_OTHERS = 0x000C4610;
    private static final int DELIVER_EXTERNAL = LEVEL_BIT | 0x700;
    private static final int DELIVER_NMI = LEVEL_BIT | 0x400;

    private InterruptPowerOn() {
    }

    /**
     * Sets the controllers of a VM as firmware leaves them.
     *
     * @param pci whether the lines of PCI are level-triggered
     */
    public static void openControllers(VmInterrupts interrupts, boolean pci) {
        openController(interrupts, KvmIrqchip.PIC_MASTER, MASTER_VECTORS, MASTER_MASK, false);
        openController(interrupts, KvmIrqchip.PIC_SLAVE, SLAVE_VECTORS, SLAVE_MASK, pci);
    }

    /**
     * Sets the interval timer of a VM that has one.
     *
     * @param firmware whether firmware runs, which programs it itself
     */
    public static void startTimer(VmInterrupts interrupts, boolean firmware) {
        KvmPitState2 pit = interrupts.pit2();
        for (int i = 0; i < CHANNELS; i++) {
            pit.channel(i).mode(SQUARE_WAVE);
        }
        if (!firmware) {
            KvmPitChannelState ticks = pit.channel(0);
            ticks.mode(RATE_GENERATOR);
            ticks.rwMode(LOW_THEN_HIGH);
            ticks.readState(LOW_THEN_HIGH);
            ticks.writeState(LOW_THEN_HIGH);
        }
        interrupts.pit2(pit);
    }

    private static void openController(VmInterrupts interrupts, int chip, int vectors, int mask, boolean pci) {
        KvmIrqchip state = interrupts.irqchip(chip);
        KvmPicState pic = state.pic();
        pic.irqBase(vectors);
        pic.imr(mask);
        pic.init4(1);
        if (pci) {
            for (int gsi : PciDevices.PIRQ_GSIS) {
                pic.elcr(pic.elcr() | 1 << gsi - SLAVE_FIRST_GSI);
            }
        }
        interrupts.irqchip(state);
    }

    /**
     * Sets the first processor's local APIC: on, with the controllers' interrupts at LINT0 and NMIs at LINT1. All vCPUs
     * are there: KVM takes a later one into its map of APICs only when one of them is switched on or off, and no
     * interrupt reached it until then.
     */
    public static void apply(Vcpu first) {
        KvmLapicState lapic = first.lapic();
        lapic.register(KvmLapicState.SPURIOUS_REGISTER, LAPIC_ENABLED);
        lapic.register(KvmLapicState.ICR_REGISTER, STARTED_OTHERS);
        lapic.register(KvmLapicState.LVT_LINT0_REGISTER, DELIVER_EXTERNAL);
        lapic.register(KvmLapicState.LVT_LINT1_REGISTER, DELIVER_NMI);
        first.lapic(lapic);
    }
}
