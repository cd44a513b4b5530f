package jkvm.device.platform;

import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.MachineControl;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * System control port A, 0x92, of the PS/2: fast A20 gate and fast reset. The gate starts open, as a BIOS leaves it;
 * closing it changes what reads back and nothing else.
 */
public final class Port92 implements Device, ByteIoHandler {
    public static final int PORT = 0x92;

    static final int RESET_BIT = 0x01;
    static final int A20_BIT = 0x02;
    static final int DEFAULT_VALUE = A20_BIT;

    private static final int STATE_VERSION = 1;

    private final String name;
    private final MachineControl machine;
    private int value = DEFAULT_VALUE;

    public Port92(String name, MachineControl machine) {
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

    /** A reset comes with the rise of its bit; writing back a value in which it is set already does nothing. */
    @Override
    public synchronized void writeByte(int offset, int written) {
        int raised = written & ~value;
        value = written;
        if ((raised & RESET_BIT) != 0) {
            machine.requestReset();
        }
    }

    @Override
    public synchronized void reset() {
        value = DEFAULT_VALUE;
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
