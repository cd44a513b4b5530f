package jkvm.soft.kvm;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import jkvm.abi.KvmMpState;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.CpuidModel;
import jkvm.soft.cpu.Flags;
import jkvm.soft.cpu.Segment;

/**
 * How a vCPU begins: power-on, INIT, start-up interrupts, the reset that follows a triple fault. With the vCPU's lock
 * held, but for what other threads send.
 */
final class VcpuReset {
    private static final int INIT = 1 << 8, START_UP = 1 << 9;
    private static final int DEFAULT_FAMILY = 0x600;

    private final SoftVcpu vcpu;
    private final Cpu cpu;
    /** INIT and start-up interrupts that other threads have sent; the vector in the lowest bits. */
    private final AtomicInteger signals = new AtomicInteger();

    VcpuReset(SoftVcpu vcpu) {
        this.vcpu = vcpu;
        this.cpu = vcpu.cpu();
    }

    /** INIT, from an interrupt controller. Any thread. */
    void init() {
        signals.getAndUpdate(old -> old | INIT);
        vcpu.thread().attend();
    }

    /** A start-up interrupt. Any thread. */
    void startUp(int vector) {
        signals.getAndUpdate(old -> old & INIT | START_UP | vector & 0xFF);
        vcpu.thread().attend();
    }

    /** A start-up interrupt of vector 0, as KVM_SET_MP_STATE restores it. */
    void startUpAtZero() {
        signals.getAndUpdate(old -> old | START_UP);
    }

    boolean hasInitOrStartUp() {
        return signals.get() != 0;
    }

    /** Does what INIT and start-up interrupts ask for. */
    void acceptInitAndStartUp() {
        int sent = signals.get() == 0 ? 0 : signals.getAndSet(0);
        if ((sent & INIT) != 0) {
            reset(true);
            vcpu.loop().mpState(vcpu.isBootCpu() ? KvmMpState.RUNNABLE : KvmMpState.INIT_RECEIVED);
        }
        if ((sent & START_UP) != 0 && vcpu.loop().mpState() == KvmMpState.INIT_RECEIVED) {
            int vector = sent & 0xFF;
            Segment cs = cpu.segments[Segment.CS];
            cs.selector = vector << 8;
            cs.base = (long) vector << 12;
            cpu.rip = 0;
            vcpu.loop().mpState(KvmMpState.RUNNABLE);
        }
    }

    /** The state of a new vCPU. */
    void powerOn() {
        cpu.features = CpuidModel.SUPPORTED;
        vcpu.apicBase(0xFEE0_0800L | (vcpu.isBootCpu() ? 0x100 : 0), false);
        cpu.cr0 = 0x6000_0010;
        reset(false);
        boolean waits = vcpu.hasLapic() && !vcpu.isBootCpu();
        vcpu.loop().mpState(waits ? KvmMpState.UNINITIALIZED : KvmMpState.RUNNABLE);
    }

    /** A triple fault: the vCPU is as after INIT. */
    void shutDown() {
        reset(true);
        vcpu.loop().mpState(KvmMpState.RUNNABLE);
    }

    /**
     * SDM 9.1.1, table 9-1.
     *
     * @param init keeps what INIT does not reset
     */
    private void reset(boolean init) {
        Arrays.fill(cpu.r, 0);
        int family = cpu.cpuid.value(1, 0, 0);
        cpu.r[Cpu.RDX] = family == 0 ? DEFAULT_FAMILY : family & 0xFFFFFFFFL;
        Flags.setAll(cpu, Cpu.RESERVED_1);
        cpu.rip = 0xFFF0;
        for (Segment segment : cpu.segments) {
            segment.set(0, 0, 0xFFFF, Segment.S_BIT | Segment.PRESENT_BIT | 2);
        }
        cpu.segments[Segment.CS].set(0xF000, 0xFFFF_0000L, 0xFFFF, Segment.S_BIT | Segment.PRESENT_BIT | 0xA);
        cpu.segments[Segment.TR].set(0, 0, 0xFFFF, Segment.PRESENT_BIT | 3);
        cpu.segments[Segment.LDTR].set(0, 0, 0xFFFF, Segment.PRESENT_BIT | 2);
        cpu.gdtBase = 0;
        cpu.gdtLimit = 0xFFFF;
        cpu.idtBase = 0;
        cpu.idtLimit = 0xFFFF;
        cpu.cr0 = init ? cpu.cr0 & (Cpu.CR0_CD | Cpu.CR0_NW) | Cpu.CR0_ET : 0x6000_0010;
        cpu.cr2 = 0;
        cpu.cr3 = 0;
        cpu.cr4 = 0;
        cpu.efer = 0;
        Arrays.fill(cpu.dr, 0);
        cpu.dr[6] = 0xFFFF_0FF0L;
        cpu.dr[7] = 0x400;
        cpu.stiShadow = false;
        cpu.movSsShadow = false;
        cpu.nmiBlocked = false;
        cpu.halted = false;
        vcpu.events().clear();
        if (init && vcpu.lapic() != null) {
            vcpu.lapic().reset(true);
        }
        vcpu.requests().registersChanged();
    }
}
