package jkvm.soft.kvm;

import jkvm.abi.KvmIoctl;
import jkvm.soft.cpu.Cpu;

/** The interrupt controllers inside KVM, if the VM has any. */
final class Irqchips {
    Irqchips(SoftVm vm) {
    }

    long answer(KvmIoctl request, long argument) {
        return Failure.EINVAL;
    }

    boolean hasLapics() {
        return false;
    }

    boolean hasPic() {
        return false;
    }

    long split(long pins) {
        return Failure.EINVAL;
    }

    long enableX2apicApi(long flags) {
        return Failure.EINVAL;
    }

    void added(SoftVcpu vcpu) {
    }

    void close() {
    }

    void signalled(IrqEvent irq) {
    }

    boolean claims(SoftVcpu vcpu, long gpa) {
        return false;
    }

    long read(SoftVcpu vcpu, long gpa, int size) {
        return -1;
    }

    void write(SoftVcpu vcpu, long gpa, int size, long value) {
    }

    boolean readPort(int port, int size, Cpu cpu) {
        return false;
    }

    boolean writePort(int port, int size, long value) {
        return false;
    }

    boolean hasInterrupt(SoftVcpu vcpu) {
        return false;
    }

    boolean acceptsUserInterrupt(SoftVcpu vcpu) {
        return true;
    }

    int acknowledge(SoftVcpu vcpu) {
        return -1;
    }

    long taskPriority(SoftVcpu vcpu) {
        return 0;
    }

    void taskPriority(SoftVcpu vcpu, long value) {
    }

    long apicBase(SoftVcpu vcpu) {
        return 0;
    }

    void apicBase(SoftVcpu vcpu, long value) {
    }

    void kick(int apicId) {
    }

    long sendIpis(long low, long high, long min, long icr, boolean longMode) {
        return 0;
    }
}
