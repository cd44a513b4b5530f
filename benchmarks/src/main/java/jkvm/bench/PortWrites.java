package jkvm.bench;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.bus.IoHandler;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/** Takes port writes to one device; any other exit ends the guest. */
final class PortWrites implements ExitHandler {
    private final IoHandler device;

    PortWrites(IoHandler device) {
        this.device = device;
    }

    @Override
    public boolean handle(Vcpu vcpu, int reason) {
        KvmRun run = vcpu.kvmRun();
        if (reason != KvmExit.IO || !run.isIoOut() || run.ioPort() != PioGuest.PORT) {
            return false;
        }
        int size = run.ioSize();
        long data = run.ioDataOffset();
        for (int i = run.ioCount(); i > 0; i--) {
            device.write(0, size, run.data(data, size));
            data += size;
        }
        return true;
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        throw cause;
    }
}
