package jkvm.soft.litmus;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.linux.FfmSyscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.soft.kvm.SoftKvm;
import jkvm.vm.Kvm;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/** A VM on the KVM in Java with 8 MiB of memory, mapped one to one, and an image of guest code in it. */
final class SmpGuest implements AutoCloseable {
    private static final long CODE = 0x10_0000, PAGE_TABLES = 0x1_0000, MEMORY = 8 << 20;
    /** The guest writes to it when it is done; any other port means that it waits for another vCPU. */
    private static final int DONE_PORT = 0x10;
    private static final long CR0 = 0x8005_0033L, CR4 = 0x620, EFER = 0x500;

    final Kvm kvm;
    final Vm vm;
    final GuestMemory memory;

    /** @param compiles whether hot code is compiled */
    SmpGuest(String image, boolean compiles) {
        kvm = Kvm.open(new SoftKvm(new FfmSyscalls(), compiles));
        vm = kvm.createVm();
        memory = MemoryBacking.ANONYMOUS.allocate(vm.syscalls(), vm.arena(), MEMORY);
        vm.setMemory(memory);
        memory.write(CODE, load(image));
        memory.writeLong(PAGE_TABLES, PAGE_TABLES + 0x1000 | 7);
        memory.writeLong(PAGE_TABLES + 0x1000, PAGE_TABLES + 0x2000 | 7);
        for (int i = 0; i < MEMORY >> 21; i++) {
            memory.writeLong(PAGE_TABLES + 0x2000 + 8 * i, (long) i << 21 | 0x87);
        }
    }

    private static byte[] load(String image) {
        try (InputStream in = SmpGuest.class.getResourceAsStream(image)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An address from the table that the image begins with. */
    long entry(int index) {
        return memory.readInt(CODE + 4L * index);
    }

    /** Lets a vCPU begin in long mode, in 64-bit code or in 32-bit code, which is not compiled. */
    static void enter(Vcpu vcpu, boolean is64) {
        KvmSregs sregs = vcpu.sregs();
        for (KvmSegment segment : List.of(sregs.cs(), sregs.ds(), sregs.es(), sregs.ss())) {
            segment.base(0);
            segment.limit(-1);
            segment.g(true);
            segment.db(true);
            segment.type(3);
        }
        sregs.cs().type(11);
        sregs.cs().l(is64);
        sregs.cs().db(!is64);
        sregs.cr0(CR0);
        sregs.cr3(PAGE_TABLES);
        sregs.cr4(CR4);
        sregs.efer(EFER);
        vcpu.sregs(sregs);
    }

    /** Runs the guest until it says that it is done. */
    static void runToEnd(Vcpu vcpu, KvmRegs regs) {
        regs.rflags(2);
        vcpu.regs(regs);
        while (true) {
            int reason = vcpu.run();
            if (reason != KvmExit.IO) {
                throw new AssertionError("exit " + reason + " at " + Long.toHexString(vcpu.regs().rip()));
            }
            if (vcpu.kvmRun().ioPort() == DONE_PORT) {
                return;
            }
            Thread.yield();
        }
    }

    @Override
    public void close() {
        vm.close();
        kvm.close();
    }
}
