package jkvm.soft.kvm;

import java.util.Arrays;
import jkvm.abi.KvmIrqfd;
import jkvm.soft.irqchip.IrqChips;
import jkvm.soft.irqchip.IrqFds;

/** The event descriptors that interrupt one VM's guest (KVM_IRQFD, KVM API 4.75). Any thread may call. */
final class IrqEvents {
    private static final int FLAGS = KvmIrqfd.DEASSIGN | KvmIrqfd.RESAMPLE;

    private final SoftVm vm;
    private final EventWatch watch;
    private volatile IrqFds assigned;
    private IrqEvent[] all = {};

    IrqEvents(SoftVm vm) {
        this.vm = vm;
        this.watch = vm.kvm.eventWatch();
    }

    /** KVM_IRQFD with the struct at {@code address}. */
    synchronized long request(long address, IrqChips chips) {
        int flags = ProcessMemory.getInt(address + KvmIrqfd.FLAGS_OFFSET);
        int gsi = ProcessMemory.getInt(address + KvmIrqfd.GSI_OFFSET);
        if ((flags & ~FLAGS) != 0) {
            return NegatedErrno.EINVAL;
        }
        EventDescriptor event = EventDescriptor.of(vm.kvm.host(), ProcessMemory.getInt(address + KvmIrqfd.FD_OFFSET));
        if (event.error() != 0) {
            return event.error();
        }
        if ((flags & KvmIrqfd.DEASSIGN) != 0) {
            deassign(event, gsi);
            return 0;
        }
        for (IrqEvent other : all) {
            if (other.event().isSame(event)) {
                return NegatedErrno.EBUSY;
            }
        }
        EventDescriptor resample = null;
        if ((flags & KvmIrqfd.RESAMPLE) != 0) {
            resample = EventDescriptor.of(vm.kvm.host(), ProcessMemory.getInt(address + KvmIrqfd.RESAMPLEFD_OFFSET));
            if (resample.error() != 0) {
                return resample.error();
            }
        }
        if (assigned == null) {
            assigned = new IrqFds(chips);
        }
        return assign(new IrqEvent(vm, event, gsi, resample));
    }

    private long assign(IrqEvent irq) {
        long error = irq.event().keep();
        if (error == 0 && irq.resample() != null) {
            error = irq.resample().keep();
        }
        if (error == 0) {
            EventDescriptor resample = irq.resample();
            Runnable signal = resample == null ? null : () -> watch.signal(resample);
            error = assigned.assign(irq.event().kept(), irq.gsi(), signal);
        }
        if (error == 0) {
            error = watch.add(irq);
            if (error != 0) {
                assigned.deassign(irq.event().kept(), irq.gsi());
            }
        }
        if (error != 0) {
            release(irq);
            return error;
        }
        all = Arrays.copyOf(all, all.length + 1);
        all[all.length - 1] = irq;
        if (irq.hasOldCount()) {
            irq.interrupt();
        }
        return 0;
    }

    private static void release(IrqEvent irq) {
        irq.event().release();
        if (irq.resample() != null) {
            irq.resample().release();
        }
    }

    private void deassign(EventDescriptor event, int gsi) {
        for (IrqEvent irq : all) {
            if (irq.event().isSame(event) && irq.gsi() == gsi) {
                remove(irq);
            }
        }
    }

    private void remove(IrqEvent irq) {
        all = Arrays.stream(all).filter(other -> other != irq).toArray(IrqEvent[]::new);
        watch.remove(irq);
        assigned.deassign(irq.event().kept(), irq.gsi());
        release(irq);
    }

    /** Takes a signal of an event that is assigned. */
    void signalled(IrqEvent irq) {
        IrqFds fds = assigned;
        if (fds != null) {
            fds.signal(irq.event().kept());
        }
    }

    /** Removes all events, as the VM ends. */
    synchronized void close() {
        for (IrqEvent irq : all) {
            remove(irq);
        }
    }
}
