package jkvm.control.trace;

import java.util.function.Consumer;
import jkvm.soft.observe.SoftObserver;

/** Logs what a vCPU of the KVM in Java does between two exits. On the vCPU's thread. */
final class ProcessorLog implements SoftObserver {
    private final int vcpu;
    private final boolean interrupts;
    private final boolean mmu;
    private final Consumer<String> lines;
    private long count;

    ProcessorLog(int vcpu, boolean interrupts, boolean mmu, Consumer<String> lines) {
        this.vcpu = vcpu;
        this.interrupts = interrupts;
        this.mmu = mmu;
        this.lines = lines;
    }

    @Override
    public void delivered(int vector, long returns, long handler) {
        if (interrupts) {
            lines.accept("%6d: v=%02x cpu=%d pc=%016x handler=%016x".formatted(count++, vector, vcpu, returns,
                    handler));
        }
    }

    @Override
    public void pageFaulted(long linear, Access access, int error) {
        if (mmu) {
            lines.accept("page fault: cpu=%d addr=%016x %s e=%04x".formatted(vcpu, linear, access, error));
        }
    }

    @Override
    public void tlbFlushed() {
        if (mmu) {
            lines.accept("TLB flush: cpu=" + vcpu);
        }
    }
}
