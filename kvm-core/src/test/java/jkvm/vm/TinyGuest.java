package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Consumer;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.function.Executable;

/** A real VM with 2 MiB of memory and one vCPU that is about to run a few bytes of code in real mode at 0x1000. */
final class TinyGuest extends OneVcpuGuest {
    private static final int PATIENCE_MILLIS = 5_000;
    static final long MEMORY_SIZE = 2 << 20;

    final Syscalls syscalls;

    /** @param code in hexadecimal, spaces allowed */
    TinyGuest(Syscalls syscalls, String code) {
        this(syscalls, code, vm -> { });
    }

    /** @param beforeVcpu what is to be done to the VM before it has a vCPU */
    TinyGuest(Syscalls syscalls, String code, Consumer<Vm> beforeVcpu) {
        super(syscalls, MEMORY_SIZE, code, beforeVcpu);
        this.syscalls = syscalls;
        enter(this::enterRealMode);
    }

    private void enterRealMode() {
        KvmSregs sregs = vcpu.sregs();
        sregs.cs().base(0);
        sregs.cs().selector(0);
        vcpu.sregs(sregs);
        KvmRegs regs = new KvmRegs();
        regs.rip(CODE);
        regs.rsp(STACK);
        regs.rflags(2);
        vcpu.regs(regs);
    }

    /** Puts {@code code} at 0x2000 and lets interrupt {@code vector} lead there. */
    void handle(int vector, String code) {
        load(HANDLER, code);
        memory.writeInt(vector * 4L, HANDLER);
    }

    /** Runs to the next exit and checks its reason. A guest that never exits is interrupted after some seconds. */
    void runTo(int reason) {
        Thread watchdog = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(PATIENCE_MILLIS);
                vcpu.interrupt();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        int actual = vcpu.run();
        watchdog.interrupt();
        assertEquals(reason, actual, () -> "at rip 0x%x: %s".formatted(vcpu.regs().rip(), VcpuExit.of(vcpu.kvmRun())));
    }

    /** Where this KVM has the capability {@code use} must work, elsewhere it must say what is missing. */
    void uses(KvmCap capability, Executable use) throws Throwable {
        if (vm.checkExtension(capability) != 0) {
            use.execute();
        } else {
            assertEquals(capability, assertThrows(MissingCapabilityException.class, use).capability());
        }
    }
}
