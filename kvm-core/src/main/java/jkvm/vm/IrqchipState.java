package jkvm.vm;

import java.util.List;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmPitState2;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The state of a VM's in-kernel PICs, IOAPIC and interval timer at a moment, and its restore. Capture and
 * restore while the VM's vCPUs are paused. A timer that the VM does not have is left out.
 *
 * <p>The state of the chips holds which interrupts wait, but not the levels of the lines that lead to them: KVM keeps
 * these besides, for each line and source, and begins with all of them low. So first drive the lines to their levels,
 * then restore; in the opposite order an edge that was delivered already would be delivered again. KVM starts the
 * interval timer's counter 0 anew: its next tick comes a whole period after the restore, and ticks that it kept back
 * for a slow guest are lost.
 */
public final class IrqchipState {
    private static final int STATE_VERSION = 1;

    private final List<KvmIrqchip> chips;
    private final KvmPitState2 pit;

    private IrqchipState(VmInterrupts interrupts) {
        this.chips = List.of(interrupts.irqchip(KvmIrqchip.PIC_MASTER), interrupts.irqchip(KvmIrqchip.PIC_SLAVE),
                interrupts.irqchip(KvmIrqchip.IOAPIC));
        this.pit = pit(interrupts);
    }

    private IrqchipState(IrqchipState like, StateReader in) {
        in.getVersion(STATE_VERSION);
        this.chips = like.chips.stream().map(chip -> chip(in, chip)).toList();
        this.pit = StructState.load(in, "pit", like.pit, KvmPitState2::new);
    }

    private static KvmIrqchip chip(StateReader in, KvmIrqchip like) {
        KvmIrqchip chip = StructState.load(in, "chip", like, () -> new KvmIrqchip(like.chipId()));
        chip.chipId(like.chipId());
        return chip;
    }

    /** Writes the state. */
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        for (KvmIrqchip chip : chips) {
            StructState.save(out, "chip", chip);
        }
        StructState.save(out, "pit", pit);
    }

    /**
     * Reads a state that {@link #save} wrote.
     *
     * @param present the state of the VM that it is for: says which parts there are
     * @throws jkvm.state.StateException if the state does not fit that VM
     */
    public static IrqchipState load(StateReader in, IrqchipState present) {
        return new IrqchipState(present, in);
    }

    /**
     * Reads the state.
     *
     * @throws LinuxException if the VM has no PIC and IOAPIC in the kernel
     */
    public static IrqchipState capture(Vm vm) {
        return new IrqchipState(vm.interrupts());
    }

    private static KvmPitState2 pit(VmInterrupts interrupts) {
        try {
            return interrupts.pit2();
        } catch (MissingCapabilityException e) {
            return null;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENXIO) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Puts a VM back into this state.
     *
     * @throws LinuxException if KVM refuses
     */
    public void restore(Vm vm) {
        for (KvmIrqchip chip : chips) {
            vm.interrupts().irqchip(chip);
        }
        if (pit != null) {
            vm.interrupts().pit2(pit);
        }
    }
}
