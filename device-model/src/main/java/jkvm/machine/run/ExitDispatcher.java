package jkvm.machine.run;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.bus.AddressSpace;
import jkvm.memory.MissingPageException;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * Takes a vCPU's exits to the devices. One instance serves all vCPUs of a machine; it has no state of its own. The path
 * of a port or memory access allocates nothing and takes no lock but the device's.
 *
 * {@snippet :
 * final class Printer implements IoHandler, ExitEvents {
 *     ExitHandler dispatcher() {
 *         AddressSpace ports = new AddressSpace("port");
 *         ports.add(new AddressRange(0x3F8, 1), this);
 *         return new ExitDispatcher(ports, new AddressSpace("memory"), this);   // for a VcpuThread
 *     }
 *
 *     public long read(long offset, int size) {
 *         return 0;
 *     }
 *
 *     public void write(long offset, int size, long value) {
 *         System.out.print((char) value);
 *     }
 *
 *     public boolean halted(Vcpu vcpu) {
 *         return false;                                      // HLT ends the vCPU's thread
 *     }
 *
 *     public boolean shutdown(Vcpu vcpu) {
 *         return false;
 *     }
 *
 *     public boolean systemEvent(Vcpu vcpu) {
 *         return false;
 *     }
 *
 *     public boolean unhandled(Vcpu vcpu, int reason) {
 *         throw new IllegalStateException(KvmExit.name(reason));
 *     }
 *
 *     public void failed(Vcpu vcpu, RuntimeException cause) {
 *         System.err.println(cause);
 *     }
 * }
 * }
 */
public final class ExitDispatcher implements ExitHandler {
    private final AddressSpace ports;
    private final AddressSpace memory;
    private final ExitEvents events;

    /**
     * @param ports  where port accesses go
     * @param memory where memory accesses go that are not RAM
     * @param events takes what is not an access to a device
     */
    public ExitDispatcher(AddressSpace ports, AddressSpace memory, ExitEvents events) {
        this.ports = ports;
        this.memory = memory;
        this.events = events;
    }

    @Override
    public boolean handle(Vcpu vcpu, int reason) {
        KvmRun run = vcpu.kvmRun();
        return switch (reason) {
            case KvmExit.IO -> access(run, true);
            case KvmExit.MMIO -> access(run, false);
            case KvmExit.INTR, KvmExit.IRQ_WINDOW_OPEN, KvmExit.SET_TPR, KvmExit.TPR_ACCESS -> true;
            case KvmExit.HLT -> events.halted(vcpu);
            case KvmExit.SHUTDOWN -> events.shutdown(vcpu);
            case KvmExit.DEBUG -> events.debugged(vcpu);
            case KvmExit.SYSTEM_EVENT -> events.systemEvent(vcpu);
            default -> events.unhandled(vcpu, reason);
        };
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        events.failed(vcpu, cause);
    }

    private boolean access(KvmRun run, boolean isPort) {
        try {
            return isPort ? io(run) : mmio(run);
        } catch (MissingPageException _) {
            // Nobody sees the half of what the device did: the machine does not go on without its memory.
            return true;
        }
    }

    private boolean io(KvmRun run) {
        int size = run.ioSize();
        int port = run.ioPort();
        int count = run.ioCount();
        long data = run.ioDataOffset();
        if (run.isIoOut()) {
            for (int i = 0; i < count; i++) {
                ports.dispatchWrite(port, size, run.data(data, size));
                data += size;
            }
        } else {
            for (int i = 0; i < count; i++) {
                run.data(data, size, ports.dispatchRead(port, size));
                data += size;
            }
        }
        return true;
    }

    private boolean mmio(KvmRun run) {
        long address = run.mmioAddress();
        int size = run.mmioSize();
        if (run.isMmioWrite()) {
            memory.dispatchWrite(address, size, run.data(KvmRun.MMIO_DATA_OFFSET, size));
        } else {
            run.data(KvmRun.MMIO_DATA_OFFSET, size, memory.dispatchRead(address, size));
        }
        return true;
    }
}
