package jkvm.soft.kvm;

/**
 * One irqfd: an event descriptor whose signals are an edge on an interrupt line, or, with a second descriptor, raise a
 * level that falls when the guest has ended the interrupt (KVM API 4.75). Any thread may signal.
 */
final class IrqEvent {
    private final SoftVm vm;
    private final EventDescriptor event;
    private final int gsi;
    /** Signalled at the end of the interrupt; null for an edge. */
    private final EventDescriptor resample;
    private volatile boolean oldCount;
    private volatile boolean ignoreFirst;

    IrqEvent(SoftVm vm, EventDescriptor event, int gsi, EventDescriptor resample) {
        this.vm = vm;
        this.event = event;
        this.gsi = gsi;
        this.resample = resample;
    }

    EventDescriptor event() {
        return event;
    }

    int gsi() {
        return gsi;
    }

    EventDescriptor resample() {
        return resample;
    }

    /** True while the event's counter is not zero since before it was given to KVM. */
    boolean hasOldCount() {
        return oldCount;
    }

    void hasOldCount(boolean value) {
        oldCount = value;
        ignoreFirst = value;
    }

    /** {@code epoll} reports a counter that is not zero when the watch begins: that is no signal. Once true. */
    boolean takeFirstReport() {
        boolean first = ignoreFirst;
        ignoreFirst = false;
        return first;
    }

    void interrupt() {
        vm.irqchips().signalled(this);
    }
}
