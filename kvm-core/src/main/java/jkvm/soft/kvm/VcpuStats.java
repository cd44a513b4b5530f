package jkvm.soft.kvm;

/** The counters of a vCPU since it was made. Counted on its thread; other threads may read a recent value. */
final class VcpuStats {
    static final String[] NAMES = {"exits", "io_exits", "mmio_exits", "signal_exits", "irq_window_exits", "halt_exits",
        "nmi_injections", "irq_injections", "halt_wakeup", "tlb_flush"};

    long exits, ioExits, mmioExits, signalExits, irqWindowExits, haltExits, nmiInjections, irqInjections, haltWakeups,
            tlbFlushes;

    /** The value of {@code NAMES[i]}. */
    long value(int i) {
        return switch (i) {
            case 0 -> exits;
            case 1 -> ioExits;
            case 2 -> mmioExits;
            case 3 -> signalExits;
            case 4 -> irqWindowExits;
            case 5 -> haltExits;
            case 6 -> nmiInjections;
            case 7 -> irqInjections;
            case 8 -> haltWakeups;
            default -> tlbFlushes;
        };
    }
}
