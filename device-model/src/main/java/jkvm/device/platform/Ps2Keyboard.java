package jkvm.device.platform;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** An MF II keyboard at which nobody types: it answers commands. */
final class Ps2Keyboard extends Ps2Device {
    static final int SET_LEDS = 0xed;
    static final int ECHO = 0xee;
    static final int SCANCODE_SET = 0xf0;
    static final int ID_LOW = 0xab;
    static final int ID_HIGH = 0x83;

    private static final int DEFAULT_RATE = 0x2b;

    private boolean scanning;
    private int leds;
    private int rate;
    private int scancodeSet;

    @Override
    boolean isParameter(int command, int value) {
        return value < 0x80;
    }

    @Override
    void command(int command) {
        switch (command) {
            case SET_LEDS, SET_RATE, SCANCODE_SET -> awaitParameter(command);
            case ECHO -> reply(ECHO);
            case IDENTIFY -> {
                reply(ACK);
                reply(ID_LOW);
                reply(ID_HIGH);
            }
            case ENABLE -> {
                reply(ACK);
                scanning = true;
            }
            case DISABLE -> {
                reply(ACK);
                setDefaults();
                scanning = false;
            }
            case SET_DEFAULTS -> {
                reply(ACK);
                setDefaults();
            }
            case RESET -> {
                setDefaults();
                reply(ACK);
                reply(SELF_TEST_PASSED);
            }
            default -> reply(RESEND);
        }
    }

    @Override
    void parameter(int command, int value) {
        switch (command) {
            case SET_LEDS -> leds = value;
            case SET_RATE -> rate = value;
            default -> {
                if (value == 0) {
                    reply(scancodeSet);
                } else if (value <= 3) {
                    scancodeSet = value;
                }
            }
        }
    }

    @Override
    void setDefaults() {
        scanning = true;
        leds = 0;
        rate = DEFAULT_RATE;
        scancodeSet = 2;
    }

    @Override
    void save(StateWriter out, String prefix) {
        super.save(out, prefix);
        out.putBoolean(prefix + ".scanning", scanning);
        out.putInt(prefix + ".leds", leds);
        out.putInt(prefix + ".rate", rate);
        out.putInt(prefix + ".scancodeSet", scancodeSet);
    }

    @Override
    void load(StateReader in, String prefix) {
        super.load(in, prefix);
        scanning = in.getBoolean(prefix + ".scanning");
        leds = in.getInt(prefix + ".leds", 0, 0x7f);
        rate = in.getInt(prefix + ".rate", 0, 0x7f);
        scancodeSet = in.getInt(prefix + ".scancodeSet", 1, 3);
    }
}
