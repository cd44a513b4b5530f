package jkvm.device.platform;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A PS/2 mouse that nobody moves: it answers commands, and turns into an IntelliMouse with three or five buttons and
 * a wheel when a driver sets the sample rates that ask for one.
 */
final class Ps2Mouse extends Ps2Device {
    static final int SCALING_1_TO_1 = 0xe6;
    static final int SCALING_2_TO_1 = 0xe7;
    static final int SET_RESOLUTION = 0xe8;
    static final int STATUS_REQUEST = 0xe9;
    static final int STREAM_MODE = 0xea;
    static final int READ_DATA = 0xeb;
    static final int RESET_WRAP_MODE = 0xec;
    static final int WRAP_MODE = 0xee;
    static final int REMOTE_MODE = 0xf0;

    static final int STANDARD_ID = 0;
    static final int WHEEL_ID = 3;
    static final int FIVE_BUTTON_ID = 4;

    private static final int STATUS_SCALING_BIT = 0x10;
    private static final int STATUS_ENABLED_BIT = 0x20;
    private static final int STATUS_REMOTE_BIT = 0x40;
    /** Bit 3 of a packet's first byte is always set. */
    private static final int NO_MOVEMENT = 0x08;
    /** The last three sample rates, a byte each. */
    private static final int WHEEL_KNOCK = 200 << 16 | 100 << 8 | 80;
    private static final int FIVE_BUTTON_KNOCK = 200 << 16 | 200 << 8 | 80;
    private static final int DEFAULT_RATE = 100;
    private static final int DEFAULT_RESOLUTION = 2;

    private int id;
    private int status;
    private int resolution;
    private int rates;
    private boolean wrapping;

    /** Rates and resolutions take any byte: no command is below 0xe6, and a rate above 200 does not exist. */
    @Override
    boolean isParameter(int command, int value) {
        return value < SCALING_1_TO_1;
    }

    @Override
    void command(int command) {
        if (wrapping && command != RESET && command != RESET_WRAP_MODE) {
            reply(command);
            return;
        }
        switch (command) {
            case SET_RESOLUTION, SET_RATE -> awaitParameter(command);
            case SCALING_1_TO_1 -> acknowledge(status & ~STATUS_SCALING_BIT);
            case SCALING_2_TO_1 -> acknowledge(status | STATUS_SCALING_BIT);
            case ENABLE -> acknowledge(status | STATUS_ENABLED_BIT);
            case DISABLE -> acknowledge(status & ~STATUS_ENABLED_BIT);
            case STREAM_MODE -> acknowledge(status & ~STATUS_REMOTE_BIT);
            case REMOTE_MODE -> acknowledge(status | STATUS_REMOTE_BIT);
            case STATUS_REQUEST -> replyStatus();
            case READ_DATA -> replyPacket();
            case IDENTIFY -> {
                reply(ACK);
                reply(id);
            }
            case WRAP_MODE, RESET_WRAP_MODE -> {
                reply(ACK);
                wrapping = command == WRAP_MODE;
            }
            case SET_DEFAULTS -> {
                reply(ACK);
                setTracking();
            }
            case RESET -> {
                setDefaults();
                reply(ACK);
                reply(SELF_TEST_PASSED);
                reply(id);
            }
            default -> reply(RESEND);
        }
    }

    @Override
    void parameter(int command, int value) {
        if (command == SET_RESOLUTION) {
            resolution = value;
            return;
        }
        rates = (rates << 8 | value) & 0xff_ffff;
        if (rates == WHEEL_KNOCK) {
            id = WHEEL_ID;
        } else if (rates == FIVE_BUTTON_KNOCK) {
            id = FIVE_BUTTON_ID;
        }
    }

    private void acknowledge(int newStatus) {
        reply(ACK);
        status = newStatus;
    }

    private void replyStatus() {
        reply(ACK);
        reply(status);
        reply(resolution);
        reply(rates & 0xff);
    }

    private void replyPacket() {
        reply(ACK);
        reply(NO_MOVEMENT);
        reply(0);
        reply(0);
        if (id != STANDARD_ID) {
            reply(0);
        }
    }

    private void setTracking() {
        status = 0;
        resolution = DEFAULT_RESOLUTION;
        rates = DEFAULT_RATE;
    }

    @Override
    void setDefaults() {
        setTracking();
        id = STANDARD_ID;
        wrapping = false;
    }

    @Override
    void save(StateWriter out, String prefix) {
        super.save(out, prefix);
        out.putInt(prefix + ".id", id);
        out.putInt(prefix + ".status", status);
        out.putInt(prefix + ".resolution", resolution);
        out.putInt(prefix + ".rates", rates);
        out.putBoolean(prefix + ".wrapping", wrapping);
    }

    @Override
    void load(StateReader in, String prefix) {
        super.load(in, prefix);
        id = in.getInt(prefix + ".id", 0, 0xff);
        status = in.getInt(prefix + ".status", 0, 0xff);
        resolution = in.getInt(prefix + ".resolution", 0, 0xff);
        rates = in.getInt(prefix + ".rates", 0, 0xff_ffff);
        wrapping = in.getBoolean(prefix + ".wrapping");
    }
}
