package jkvm.vm;

import java.util.List;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmPitState2;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;

/**
 * The state of a VM's in-kernel PICs, IOAPIC and interval timer at a moment, and the way back to it. Capture and
 * restore while the VM's vCPUs are paused. A timer that the VM does not have is left out.
 */
public final class IrqchipState {
    private final List<KvmIrqchip> chips;
    private final KvmPitState2 pit;

    private IrqchipState(VmInterrupts interrupts) {
        this.chips = List.of(interrupts.irqchip(KvmIrqchip.PIC_MASTER), interrupts.irqchip(KvmIrqchip.PIC_SLAVE),
                interrupts.irqchip(KvmIrqchip.IOAPIC));
        this.pit = pit(interrupts);
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
