package jkvm.soft.kvm;

import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Segment;

/** KVM's hypercalls: VMMCALL, or VMCALL, with the number in RAX ({@code Documentation/virt/kvm/x86/hypercalls.rst}). */
final class Hypercalls {
    private static final int VAPIC_POLL_IRQ = 1, KICK_CPU = 5, MAP_GPA_RANGE = 12;
    private static final long ENOSYS = -1000, EPERM = -1;

    private final SoftVcpu vcpu;
    private final long[] arguments = new long[3];

    Hypercalls(SoftVcpu vcpu) {
        this.vcpu = vcpu;
    }

    /**
     * Answers with the result in {@link Cpu#transfer}.
     *
     * @return false where user space has to answer
     */
    boolean call() {
        Cpu cpu = vcpu.cpu();
        boolean longMode = (cpu.efer & Cpu.EFER_LMA) != 0 && cpu.segments[Segment.CS].isLong();
        long mask = longMode ? -1 : 0xFFFFFFFFL;
        long number = cpu.r[Cpu.RAX] & mask;
        cpu.transfer = result(cpu, number, mask);
        if (cpu.transfer == 0 && number == MAP_GPA_RANGE) {
            arguments[0] = cpu.r[Cpu.RBX] & mask;
            arguments[1] = cpu.r[Cpu.RCX] & mask;
            arguments[2] = cpu.r[Cpu.RDX] & mask;
            vcpu.page().hypercall(number, arguments, longMode);
            return false;
        }
        cpu.transfer &= mask;
        return true;
    }

    private long result(Cpu cpu, long number, long mask) {
        if (cpu.cpl != 0) {
            return EPERM;
        }
        if (number == VAPIC_POLL_IRQ) {
            return 0;
        }
        if (number == KICK_CPU) {
            vcpu.vm().irqchips().kick((int) (cpu.r[Cpu.RCX] & mask));
            return 0;
        }
        if (number == MAP_GPA_RANGE && vcpu.vm().exitHypercalls() != 0) {
            long pages = cpu.r[Cpu.RCX] & mask;
            long start = cpu.r[Cpu.RBX] & mask;
            boolean bad = (start & ProcessMemory.PAGE - 1) != 0 || pages == 0
                    || Long.compareUnsigned(start >>> 12, (start >>> 12) + pages) >= 0;
            return bad ? -22 : 0;
        }
        return ENOSYS;
    }
}
