package jkvm.soft.kvm;

import jkvm.soft.irqchip.VcpuSignals;

/** Notes what the interrupt controllers tell a vCPU, with their lock held, and wakes its thread. */
final class ChipSignals implements VcpuSignals {
    private final SoftVcpu vcpu;

    ChipSignals(SoftVcpu vcpu) {
        this.vcpu = vcpu;
    }

    @Override
    public void attention() {
        vcpu.thread().attend();
    }

    @Override
    public void nmi() {
        vcpu.events().nmi();
        vcpu.thread().attend();
    }

    @Override
    public void init() {
        vcpu.reset().init();
    }

    @Override
    public void startup(int vector) {
        vcpu.reset().startUp(vector);
    }

    /** There is no system management mode. */
    @Override
    public boolean smi() {
        return false;
    }

    @Override
    public long nanosAtTsc(long value) {
        return vcpu.tsc().nanosAt(value);
    }
}
