package jkvm.control.jfr;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/** Tells each exit of one vCPU, and hands it on. */
final class TimedExits implements ExitHandler {
    private final ExitHandler handler;
    private long entered = System.nanoTime();

    TimedExits(ExitHandler handler) {
        this.handler = handler;
    }

    @Override
    public boolean handle(Vcpu vcpu, int reason) {
        ExitEvent event = new ExitEvent();
        event.begin();
        long exited = System.nanoTime();
        // Before it is handled: the page changes then.
        describe(event, vcpu.kvmRun(), reason);
        boolean goOn = handler.handle(vcpu, reason);
        event.end();
        long now = System.nanoTime();
        if (event.shouldCommit()) {
            event.vcpu = vcpu.id();
            event.reason = KvmExit.name(reason);
            event.userTime = now - exited;
            event.kernelTime = exited - entered;
            event.commit();
        }
        entered = now;
        return goOn;
    }

    private static void describe(ExitEvent event, KvmRun run, int reason) {
        if (reason == KvmExit.IO) {
            event.direction = run.isIoOut() ? "out" : "in";
            event.address = run.ioPort();
            event.size = run.ioSize();
        } else if (reason == KvmExit.MMIO) {
            event.direction = run.isMmioWrite() ? "write" : "read";
            event.address = run.mmioAddress();
            event.size = run.mmioSize();
        }
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        handler.failed(vcpu, cause);
    }
}
