package jkvm.device.testdev;

import jkvm.bus.IoHandler;
import jkvm.bus.MachineControl;
import jkvm.bus.StatelessDevice;

/** QEMU's isa-debug-exit: writing {@code value} ends the process with the status {@code (value << 1) | 1}, never 0. */
public final class IsaDebugExit implements StatelessDevice, IoHandler {
    public static final int DEFAULT_PORT = 0x501;
    /** Ports that it decodes unless told otherwise. */
    public static final int DEFAULT_PORTS = 2;

    private final String name;
    private final MachineControl machine;

    public IsaDebugExit(String name, MachineControl machine) {
        this.name = name;
        this.machine = machine;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long read(long offset, int size) {
        return 0;
    }

    /** The offset does not matter. The host's shell sees the low eight bits of the status. */
    @Override
    public void write(long offset, int size, long value) {
        machine.requestExit((int) (value << 1 | 1));
    }
}
