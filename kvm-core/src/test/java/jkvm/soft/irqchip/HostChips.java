package jkvm.soft.irqchip;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.vm.Kvm;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/** The host's KVM with the guest {@code probe.S} on vCPU 0. */
final class HostChips implements Chips {
    private static final int CODE = 0x1000, TABLE = 0x10000, MEMORY_SIZE = 2 << 20;
    private final Kvm kvm;
    private final Vm vm;
    private final GuestMemory memory;
    private final Vcpu[] vcpus = new Vcpu[CPUS];

    HostChips() {
        FfmSyscalls syscalls = new FfmSyscalls();
        kvm = Kvm.open(syscalls);
        vm = kvm.createVm();
        vm.createIrqchip();
        vm.interrupts().createPit2(1);
        memory = MemoryBacking.ANONYMOUS.allocate(syscalls, vm.arena(), MEMORY_SIZE);
        vm.setMemory(memory);
        for (int i = 0; i < CPUS; i++) {
            vcpus[i] = vm.createVcpu(i);
        }
        memory.write(CODE, image());
        enterFlatMode();
    }

    private static byte[] image() {
        try (InputStream in = HostChips.class.getResourceAsStream("probe.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void enterFlatMode() {
        KvmSregs sregs = vcpus[0].sregs();
        for (KvmSegment segment : new KvmSegment[] {sregs.cs(), sregs.ds(), sregs.es(), sregs.ss()}) {
            segment.base(0);
            segment.limit(-1);
            segment.selector(0x10);
            segment.type(3);
            segment.db(true);
            segment.g(true);
        }
        sregs.cs().selector(8);
        sregs.cs().type(11);
        sregs.cr0(sregs.cr0() | 1);
        vcpus[0].sregs(sregs);
        KvmRegs regs = new KvmRegs();
        regs.rip(CODE);
        regs.rflags(2);
        vcpus[0].regs(regs);
    }

    @Override
    public int setLine(int gsi, boolean level) {
        return vm.interrupts().irqLineStatus(gsi, level);
    }

    @Override
    public int signalMsi(long address, int data) {
        try {
            return vm.interrupts().signalMsi(address, data);
        } catch (LinuxException e) {
            return -e.errnoCode();
        }
    }

    @Override
    public byte[] chip(int chipId) {
        return vm.interrupts().irqchip(chipId).segment().toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void setChip(KvmIrqchip chip) {
        vm.interrupts().irqchip(chip);
    }

    @Override
    public byte[] lapic(int cpu) {
        return vcpus[cpu].lapic().segment().toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void setLapic(int cpu, KvmLapicState state) {
        vcpus[cpu].lapic(state);
    }

    @Override
    public int access(Access access, int address, int value) {
        memory.writeInt(TABLE, access.ordinal());
        memory.writeInt(TABLE + 4, address);
        memory.writeInt(TABLE + 8, value);
        memory.writeInt(TABLE + 12, 0);
        memory.writeInt(TABLE + 16, Access.END.ordinal());
        run(access, address);
        if (access == Access.INTERRUPT) {
            run(access, address);
        }
        return memory.readInt(TABLE + 12);
    }

    private void run(Access access, int address) {
        int reason = vcpus[0].run();
        if (reason != KvmExit.IO) {
            throw new IllegalStateException("exit %d at rip 0x%x on %s 0x%x"
                    .formatted(reason, vcpus[0].regs().rip(), access, address));
        }
    }

    @Override
    public void close() {
        vm.close();
        kvm.close();
    }
}
