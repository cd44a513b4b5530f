package jkvm.app.harness;

import java.util.Optional;
import jkvm.abi.KvmExit;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.IoHandler;
import jkvm.inspect.FailureReport;
import jkvm.machine.run.ExitDispatcher;
import jkvm.machine.run.ExitEvents;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * Takes the exits of a harness guest to its callbacks, as two devices that cover all ports and all memory without RAM.
 * Used by the thread that runs the guest; what a callback throws comes out of {@link #handle}.
 */
final class HarnessExits implements ExitHandler, ExitEvents {
    /** An access of 4 bytes may begin at the last port. */
    private static final AddressRange ALL_PORTS = new AddressRange(0, 0x1_0003);
    private static final AddressRange ALL_MEMORY = new AddressRange(0, Long.MAX_VALUE);

    private final Harness harness;
    private final HarnessCallbacks callbacks;
    private final ExitDispatcher dispatcher;
    /** How the run ended; null until it has. */
    private HarnessResult result;

    HarnessExits(Harness harness, HarnessCallbacks callbacks) {
        this.harness = harness;
        this.callbacks = callbacks;
        AddressSpace ports = new AddressSpace("port");
        ports.add(ALL_PORTS, new Ports(callbacks));
        AddressSpace memory = new AddressSpace("memory");
        memory.add(ALL_MEMORY, new Memory(callbacks));
        dispatcher = new ExitDispatcher(ports, memory, this);
    }

    /** How the run ended, if {@link #handle} has answered false since the last call. */
    Optional<HarnessResult> takeResult() {
        HarnessResult taken = result;
        result = null;
        return Optional.ofNullable(taken);
    }

    @Override
    public boolean handle(Vcpu vcpu, int reason) {
        boolean continues = true;
        if (reason == KvmExit.IRQ_WINDOW_OPEN) {
            callbacks.interruptWindow(harness);
        } else {
            continues = dispatcher.handle(vcpu, reason);
        }
        if (continues) {
            callbacks.tryPushInterrupts(harness);
        }
        return continues;
    }

    @Override
    public boolean halted(Vcpu vcpu) {
        return callbacks.halt(harness) || end(HarnessResult.End.HALTED, "");
    }

    @Override
    public boolean shutdown(Vcpu vcpu) {
        // The report first: the callback may set the registers anew.
        String report = report(vcpu, KvmExit.SHUTDOWN);
        return callbacks.shutdown(harness) || end(HarnessResult.End.SHUTDOWN, report);
    }

    @Override
    public boolean systemEvent(Vcpu vcpu) {
        return unhandled(vcpu, KvmExit.SYSTEM_EVENT);
    }

    @Override
    public boolean unhandled(Vcpu vcpu, int reason) {
        if (reason == KvmExit.DEBUG) {
            return callbacks.debug(harness) || end(HarnessResult.End.DEBUG, "");
        }
        return end(HarnessResult.End.FAILED, report(vcpu, reason));
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        throw cause;
    }

    private String report(Vcpu vcpu, int reason) {
        return FailureReport.ofExit(vcpu, harness.memory(), reason);
    }

    /** @return false, which ends the run */
    private boolean end(HarnessResult.End end, String report) {
        result = new HarnessResult(end, report);
        return false;
    }

    private record Ports(HarnessCallbacks callbacks) implements IoHandler {
        @Override
        public long read(long port, int size) {
            return switch (size) {
                case 1 -> callbacks.inb((int) port);
                case 2 -> callbacks.inw((int) port);
                default -> callbacks.inl((int) port);
            };
        }

        @Override
        public void write(long port, int size, long value) {
            switch (size) {
                case 1 -> callbacks.outb((int) port, (int) value);
                case 2 -> callbacks.outw((int) port, (int) value);
                default -> callbacks.outl((int) port, (int) value);
            }
        }
    }

    private record Memory(HarnessCallbacks callbacks) implements IoHandler {
        @Override
        public long read(long address, int size) {
            return callbacks.mmioRead(address, size);
        }

        @Override
        public void write(long address, int size, long value) {
            callbacks.mmioWrite(address, size, value);
        }
    }
}
