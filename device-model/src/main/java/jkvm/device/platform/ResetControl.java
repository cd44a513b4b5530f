package jkvm.device.platform;

import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.MachineControl;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The reset control register of Intel's chipsets, port 0xcf9: writing 0x06 or 0x0e resets the machine. */
public final class ResetControl implements Device, ByteIoHandler {
    /** Lies within the PCI configuration address port's four bytes; only a byte access means this register. */
    public static final int PORT = 0xcf9;

    static final int SYSTEM_RESET_BIT = 0x02;
    static final int RESET_CPU_BIT = 0x04;

    private static final int STATE_VERSION = 1;

    private final String name;
    private final MachineControl machine;
    private int value;

    public ResetControl(String name, MachineControl machine) {
        this.name = name;
        this.machine = machine;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized int readByte(int offset) {
        return value;
    }

    @Override
    public synchronized void writeByte(int offset, int written) {
        value = written & SYSTEM_RESET_BIT;
        if ((written & RESET_CPU_BIT) != 0) {
            machine.requestReset();
        }
    }

    @Override
    public synchronized void reset() {
        value = 0;
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("value", value);
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        value = in.getInt("value", 0, 0xff);
    }
}
