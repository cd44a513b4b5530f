package jkvm.examples;

import java.util.concurrent.CountDownLatch;
import jkvm.abi.KvmExit;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuThread;

/**
 * Lesson 12: several processors. A vCPU is a thread of the host that is inside KVM_RUN. At power-on all but the first
 * wait; the guest (smp.S) starts them with two interrupts, INIT and SIPI, which KVM delivers in the kernel.
 */
public final class Lesson12Smp {
    private static final long OTHERS = 0x800;
    private static final int CPUS = 2;
    private static final int REPORT_PORT = 0xE0;

    private Lesson12Smp() {
    }

    /** Called by the vCPUs' threads. */
    private record Exits(CountDownLatch end) implements ExitHandler {
        @Override
        public boolean handle(Vcpu vcpu, int reason) {
            if (reason == KvmExit.IO && vcpu.kvmRun().ioPort() == REPORT_PORT) {
                System.out.println("vCPU " + vcpu.id() + " runs");
                return true;
            }
            end.countDown(); // the first one says that all are there
            return false;
        }

        @Override
        public void failed(Vcpu vcpu, RuntimeException cause) {
            System.out.println("vCPU " + vcpu.id() + ": " + cause.getMessage());
            end.countDown();
        }
    }

    public static void main(String[] args) throws InterruptedException {
        try (LessonVm machine = new LessonVm(args, "smp")) {
            machine.vm().createIrqchip();
            machine.memory().writeInt(OTHERS, CPUS - 1);
            Exits exits = new Exits(new CountDownLatch(1));
            VcpuThread[] threads = new VcpuThread[CPUS];
            for (int id = 0; id < CPUS; id++) {
                Vcpu vcpu = id == 0 ? machine.protectedMode() : machine.createVcpu(id);
                threads[id] = new VcpuThread(vcpu, exits, "vCPU " + id);
            }
            for (VcpuThread thread : threads) {
                thread.start();
            }
            exits.end.await();
            // The others sleep in HLT, in the kernel, for ever: closing a thread takes its vCPU out of KVM_RUN.
            for (VcpuThread thread : threads) {
                thread.close();
            }
            System.out.println("all of " + CPUS + " have started");
        }
    }
}
