package jkvm.device.pci;

import java.util.List;
import java.util.function.IntFunction;
import jkvm.bus.IrqLine;
import jkvm.bus.SharedIrqLine;

/**
 * Leads the interrupt pins of PCI devices to inputs of the interrupt controllers (PIIX3 data sheet, PIRQRC registers):
 * each pin is wired to one of four lines PIRQA to PIRQD, and each of these is led to an ISA interrupt or to none by a
 * register of the ISA bridge. Locks: a PIRQ's own, before that of the interrupt line that it drives.
 */
public final class PirqRouter {
    public static final int PIRQS = 4;
    /** The ISA interrupts to which a PIRQ may be led: not the timer, the keyboard, the cascade, the clock, the FPU. */
    static final int ROUTABLE = 0xDEF8;
    static final int NOWHERE = -1;

    private static final int ISA_INTERRUPTS = 16;

    private final Pirq[] pirqs = new Pirq[PIRQS];
    private final SharedIrqLine[] shared = new SharedIrqLine[PIRQS];
    private final List<Integer> powerOn;

    /**
     * @param isaInput gives a new input of an ISA interrupt
     * @param powerOn  where PIRQA to PIRQD lead before the guest changes that, as firmware leaves them
     */
    public PirqRouter(IntFunction<IrqLine> isaInput, List<Integer> powerOn) {
        this.powerOn = List.copyOf(powerOn);
        for (int i = 0; i < PIRQS; i++) {
            pirqs[i] = new Pirq(isaInput);
            shared[i] = new SharedIrqLine(pirqs[i]);
            pirqs[i].lead(powerOn.get(i));
        }
    }

    /** Where a PIRQ leads at power-on. */
    int powerOn(int pirq) {
        return powerOn.get(pirq);
    }

    /**
     * Which PIRQ a pin is wired to.
     *
     * @param pin 1 for INTA to 4 for INTD
     */
    static int pirqOf(int slot, int pin) {
        return slot + pin - 2 & PIRQS - 1;
    }

    /**
     * A new input for one function.
     *
     * @param pin 1 for INTA to 4 for INTD
     */
    IrqLine input(int slot, int pin) {
        return shared[pirqOf(slot, pin)].input();
    }

    /**
     * Leads a PIRQ elsewhere, with its level.
     *
     * @param irq an ISA interrupt, or {@link #NOWHERE}
     */
    void lead(int pirq, int irq) {
        pirqs[pirq].lead(irq);
    }

    /** The ISA interrupt that a pin leads to now, or {@link #NOWHERE}. */
    public int irqOf(int slot, int pin) {
        return pirqs[pirqOf(slot, pin)].target();
    }

    private static final class Pirq implements IrqLine {
        private final IrqLine[] inputs = new IrqLine[ISA_INTERRUPTS];
        private int target = NOWHERE;
        private boolean level;

        Pirq(IntFunction<IrqLine> isaInput) {
            for (int irq = 0; irq < ISA_INTERRUPTS; irq++) {
                inputs[irq] = (ROUTABLE >>> irq & 1) != 0 ? isaInput.apply(irq) : null;
            }
        }

        @Override
        public synchronized void set(boolean newLevel) {
            level = newLevel;
            if (target != NOWHERE) {
                inputs[target].set(newLevel);
            }
        }

        synchronized void lead(int irq) {
            if (target != NOWHERE && target != irq) {
                inputs[target].set(false);
            }
            target = irq;
            if (irq != NOWHERE) {
                inputs[irq].set(level);
            }
        }

        synchronized int target() {
            return target;
        }
    }
}
