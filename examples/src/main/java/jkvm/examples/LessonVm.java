package jkvm.examples;

import jkvm.abi.KvmRun;
import jkvm.boot.EntryStates;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.vm.Kvm;
import jkvm.vm.KvmLayout;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/** The VM of lesson 2 with a name for everything: 64 KiB of memory in slot 0, and a guest in it. */
final class LessonVm implements AutoCloseable {
    static final long MEMORY_SIZE = 64 << 10;
    /** Where the guest lies, and where its first vCPU begins. */
    static final long PROGRAM = 0x1000;

    private final Kvm kvm;
    private final Vm vm;
    private final GuestMemory memory;

    /** @param arguments of the lesson */
    LessonVm(String[] arguments, String guest) {
        kvm = LessonAccelerator.open(arguments).openKvm();
        vm = kvm.createVm();
        memory = MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), MEMORY_SIZE);
        memory.write(PROGRAM, GuestImage.read(guest));
        vm.setTssAddress(KvmLayout.TSS_ADDRESS);
        vm.setMemory(memory);
    }

    /** Creates vCPU 0, about to run the guest in real mode. Interrupt controllers have to be there before. */
    Vcpu realMode() {
        Vcpu vcpu = createVcpu(0);
        EntryStates.realMode(0, (int) PROGRAM).apply(vcpu);
        return vcpu;
    }

    /** As {@link #realMode()}, in 32-bit protected mode with segments from 0 to 4 GiB. */
    Vcpu protectedMode() {
        Vcpu vcpu = createVcpu(0);
        EntryStates.protected32(PROGRAM).apply(vcpu);
        return vcpu;
    }

    /** A vCPU after a reset, with all features that this KVM supports. */
    Vcpu createVcpu(int id) {
        Vcpu vcpu = vm.createVcpu(id);
        vcpu.cpuid(kvm.supportedCpuid());
        return vcpu;
    }

    Vm vm() {
        return vm;
    }

    GuestMemory memory() {
        return memory;
    }

    /** The value that a guest has written to a port. */
    static long written(KvmRun exit) {
        return exit.data(exit.ioDataOffset(), exit.ioSize());
    }

    @Override
    public void close() {
        vm.close();
        kvm.close();
    }
}
