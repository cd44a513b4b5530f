package jkvm.device.platform;

import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.MachineControl;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** Port 0x8900 of Bochs: the word "Shutdown", written byte by byte, powers the machine off. */
public final class BochsShutdown implements Device, ByteIoHandler {
    public static final int PORT = 0x8900;

    private static final String WORD = "Shutdown";
    private static final int STATE_VERSION = 1;

    private final String name;
    private final MachineControl machine;
    /** How many letters of the word have come. */
    private int matched;

    public BochsShutdown(String name, MachineControl machine) {
        this.name = name;
        this.machine = machine;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int readByte(int offset) {
        return 0xff;
    }

    @Override
    public synchronized void writeByte(int offset, int value) {
        if (value != WORD.charAt(matched)) {
            matched = value == WORD.charAt(0) ? 1 : 0;
            return;
        }
        matched++;
        if (matched == WORD.length()) {
            matched = 0;
            machine.requestPowerOff();
        }
    }

    @Override
    public synchronized void reset() {
        matched = 0;
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("matched", matched);
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        matched = in.getInt("matched", 0, WORD.length() - 1);
    }
}
