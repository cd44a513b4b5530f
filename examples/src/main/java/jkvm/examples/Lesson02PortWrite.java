package jkvm.examples;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.vm.Kvm;
import jkvm.vm.KvmLayout;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/**
 * Lesson 2: a whole hypervisor. It gives a VM memory with a five-instruction program in it (port-write.S), sets the
 * registers of one vCPU and runs it. The guest adds two numbers, writes the sum to a port and halts.
 */
public final class Lesson02PortWrite {
    private static final long MEMORY_SIZE = 64 << 10;
    private static final long PROGRAM = 0x1000;

    private Lesson02PortWrite() {
    }

    public static void main(String[] args) {
        try (Kvm kvm = LessonAccelerator.open(args).openKvm(); Vm vm = kvm.createVm()) {
            // Guest memory is memory of this process: what we write the guest reads at once, and the other way round.
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), MEMORY_SIZE);
            memory.write(PROGRAM, GuestImage.read("port-write"));
            // Older Intel processors want three pages of their own for real mode.
            vm.setTssAddress(KvmLayout.TSS_ADDRESS);
            vm.setMemory(memory);

            // A new vCPU is as a processor after a reset: real mode, about to run code just below 4 GiB, where we have
            // no memory. So the code segment is moved to 0 and the instruction pointer to our program.
            Vcpu vcpu = vm.createVcpu(0);
            KvmSregs segments = vcpu.sregs();
            segments.cs().selector(0);
            segments.cs().base(0);
            vcpu.sregs(segments);

            KvmRegs registers = new KvmRegs();
            registers.rip(PROGRAM);
            registers.rflags(2); // bit 1 is always set; KVM refuses to enter the guest without it
            registers.rax(2);
            registers.rbx(3);
            vcpu.regs(registers);

            run(vcpu);
        }
    }

    /** The heart of every hypervisor: enter the guest, look why it came back, act on it, enter again. */
    private static void run(Vcpu vcpu) {
        while (true) {
            int reason = vcpu.run();
            KvmRun exit = vcpu.kvmRun(); // memory shared with the kernel: the details of the exit are in it
            switch (reason) {
                case KvmExit.IO -> {
                    long value = exit.data(exit.ioDataOffset(), exit.ioSize());
                    System.out.printf("port 0x%x: the guest writes '%c'%n", exit.ioPort(), (char) value);
                }
                case KvmExit.HLT -> {
                    System.out.println("the guest halts");
                    return;
                }
                default -> throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
            }
        }
    }
}
