package jkvm.vm;

import java.util.HexFormat;
import java.util.function.Consumer;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;

/** A real VM with some memory, code in it at 0x1000, and one vCPU; subclasses say in what mode that runs. */
abstract class OneVcpuGuest implements AutoCloseable {
    public static final int CODE = 0x1000;
    public static final int HANDLER = 0x2000;
    static final int STACK = 0x8000;

    public final Kvm kvm;
    public final Vm vm;
    public final GuestMemory memory;
    public final Vcpu vcpu;

    /**
     * @param code       in hexadecimal, spaces allowed
     * @param beforeVcpu what is to be done to the VM before it has a vCPU
     */
    OneVcpuGuest(Syscalls syscalls, long memorySize, String code, Consumer<Vm> beforeVcpu) {
        this.kvm = Kvm.open(syscalls);
        this.vm = kvm.createVm();
        try {
            beforeVcpu.accept(vm);
            this.memory = MemoryBacking.ANONYMOUS.allocate(syscalls, vm.arena(), memorySize);
            vm.setMemory(memory);
            this.vcpu = vm.createVcpu(0);
            load(CODE, code);
        } catch (Throwable e) {
            closeVm();
            throw e;
        }
    }

    /** Sets the vCPU's registers, and closes the VM if that fails. */
    final void enter(Runnable setRegisters) {
        try {
            setRegisters.run();
        } catch (Throwable e) {
            closeVm();
            throw e;
        }
    }

    /**
     * Puts bytes into memory.
     *
     * @param code in hexadecimal, spaces allowed
     */
    public final void load(int address, String code) {
        memory.write(address, HexFormat.of().parseHex(code.replace(" ", "")));
    }

    private void closeVm() {
        vm.close();
        kvm.close();
    }

    @Override
    public void close() {
        closeVm();
    }
}
