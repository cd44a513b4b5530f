package jkvm.device.platform;

import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A PS/2 mouse with three buttons. It turns into an IntelliMouse with a wheel, and with five buttons, when a driver
 * sets the sample rates that ask for one. Motion that the guest does not fetch adds up: a packet is made when the
 * controller has room for it, so that none is old. Resolution and 2:1 scaling are told and have no effect, as in QEMU.
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
    /** Bits of {@link #buttons}, as in a packet's first byte. */
    private static final int LEFT_BIT = 0x01;
    private static final int RIGHT_BIT = 0x02;
    private static final int MIDDLE_BIT = 0x04;
    private static final int SIDE_BIT = 0x08;
    private static final int EXTRA_BIT = 0x10;
    private static final int THREE_BUTTONS = LEFT_BIT | RIGHT_BIT | MIDDLE_BIT;
    private static final int ALL_BUTTONS = 0x1f;
    /** Bit 3 of a packet's first byte is always set. */
    private static final int PACKET_BIT = 0x08;
    private static final int X_SIGN_BIT = 0x10;
    private static final int Y_SIGN_BIT = 0x20;
    /** From bits 3 and 4 of {@link #buttons} to those of a packet's fourth byte. */
    private static final int FOURTH_BYTE_SHIFT = 1;
    private static final int MAX_STEP = 127;
    private static final int MAX_WHEEL_STEP = 7;
    /** Motion that adds up while the guest does not fetch it. */
    private static final int MAX_MOTION = 1 << 20;
    /** The last three sample rates, a byte each. */
    private static final int WHEEL_KNOCK = 200 << 16 | 100 << 8 | 80;
    private static final int FIVE_BUTTON_KNOCK = 200 << 16 | 200 << 8 | 80;
    private static final int DEFAULT_RATE = 100;
    private static final int DEFAULT_RESOLUTION = 2;
    private static final int MAX_LAST = 4;

    private int id;
    private int status;
    private int resolution;
    private int rates;
    private boolean wrapping;
    /** To the right, up, and towards the user, since the last packet. */
    private int dx;
    private int dy;
    private int dz;
    private int buttons;
    /** The buttons as the last packet told them. */
    private int toldButtons;
    /** The last answer or packet, without the acknowledgement. */
    private final byte[] last = new byte[MAX_LAST];
    private int lastCount;

    /**
     * The user moves the mouse, turns its wheel or presses a button.
     *
     * @return false if an earlier button's change has to be told first
     */
    boolean take(InputEvent.Pointer event) {
        switch (event) {
            case InputEvent.Relative(int x, int y) -> {
                dx = sum(dx, x);
                dy = sum(dy, -y);
            }
            case InputEvent.Wheel(int steps) -> dz = id == STANDARD_ID ? 0 : sum(dz, steps);
            case InputEvent.Press(Button button, boolean isDown) -> {
                if (isReporting() && shown(buttons) != shown(toldButtons)) {
                    return false;
                }
                buttons = isDown ? buttons | bit(button) : buttons & ~bit(button);
            }
            case InputEvent.Absolute _ -> { }
        }
        if (!isReporting() && !isRemote()) {
            forgetMotion();
        }
        return true;
    }

    private static int sum(int a, int b) {
        return Math.clamp((long) a + b, -MAX_MOTION, MAX_MOTION);
    }

    private static int bit(Button button) {
        return switch (button) {
            case LEFT -> LEFT_BIT;
            case RIGHT -> RIGHT_BIT;
            case MIDDLE -> MIDDLE_BIT;
            case SIDE -> SIDE_BIT;
            case EXTRA -> EXTRA_BIT;
        };
    }

    private boolean isRemote() {
        return (status & STATUS_REMOTE_BIT) != 0;
    }

    private boolean isReporting() {
        return (status & (STATUS_ENABLED_BIT | STATUS_REMOTE_BIT)) == STATUS_ENABLED_BIT && !wrapping;
    }

    private void forgetMotion() {
        dx = 0;
        dy = 0;
        dz = 0;
        toldButtons = buttons;
    }

    /** Makes a packet of what has happened, if the driver wants one and the last one is fetched. */
    void fill() {
        if (!hasReply() && isReporting() && !isParameterDue()
                && (dx != 0 || dy != 0 || dz != 0 || shown(buttons) != shown(toldButtons))) {
            clearReplies();
            packet();
        }
    }

    private int shown(int someButtons) {
        return id == FIVE_BUTTON_ID ? someButtons : someButtons & THREE_BUTTONS;
    }

    private void packet() {
        int x = Math.clamp(dx, -MAX_STEP, MAX_STEP);
        int y = Math.clamp(dy, -MAX_STEP, MAX_STEP);
        dx -= x;
        dy -= y;
        lastCount = 0;
        answer(PACKET_BIT | buttons & THREE_BUTTONS | (x < 0 ? X_SIGN_BIT : 0) | (y < 0 ? Y_SIGN_BIT : 0));
        answer(x & 0xff);
        answer(y & 0xff);
        if (id != STANDARD_ID) {
            int z = Math.clamp(dz, -MAX_WHEEL_STEP, MAX_WHEEL_STEP);
            dz -= z;
            answer(id == WHEEL_ID ? z & 0xff
                    : z & 0x0f | (buttons & (SIDE_BIT | EXTRA_BIT)) << FOURTH_BYTE_SHIFT);
        }
        toldButtons = buttons;
    }

    /** A byte that is sent again where the driver asks for it. */
    private void answer(int value) {
        reply(value);
        last[lastCount++] = (byte) value;
    }

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
            case READ_DATA -> {
                reply(ACK);
                packet();
            }
            case IDENTIFY -> {
                reply(ACK);
                lastCount = 0;
                answer(id);
            }
            case WRAP_MODE, RESET_WRAP_MODE -> {
                reply(ACK);
                wrapping = command == WRAP_MODE;
                forgetMotion();
            }
            case SET_DEFAULTS -> {
                reply(ACK);
                setTracking();
            }
            case RESET -> {
                setDefaults();
                reply(ACK);
                lastCount = 0;
                answer(SELF_TEST_PASSED);
                answer(id);
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

    @Override
    void resend() {
        if (wrapping) {
            reply(RESEND_LAST);
            return;
        }
        for (int i = 0; i < lastCount; i++) {
            reply(last[i]);
        }
    }

    private void acknowledge(int newStatus) {
        reply(ACK);
        status = newStatus;
        forgetMotion();
    }

    private void replyStatus() {
        int shown = (buttons & LEFT_BIT) << 2 | (buttons & MIDDLE_BIT) >> 1 | (buttons & RIGHT_BIT) >> 1;
        reply(ACK);
        lastCount = 0;
        answer(status | shown);
        answer(resolution);
        answer(rates & 0xff);
    }

    private void setTracking() {
        status = 0;
        resolution = DEFAULT_RESOLUTION;
        rates = DEFAULT_RATE;
        forgetMotion();
    }

    @Override
    void setDefaults() {
        setTracking();
        id = STANDARD_ID;
        wrapping = false;
    }

    @Override
    void reset() {
        super.reset();
        lastCount = 0;
    }

    @Override
    void save(StateWriter out, String prefix) {
        super.save(out, prefix);
        out.putInt(prefix + ".id", id);
        out.putInt(prefix + ".status", status);
        out.putInt(prefix + ".resolution", resolution);
        out.putInt(prefix + ".rates", rates);
        out.putBoolean(prefix + ".wrapping", wrapping);
        out.putInt(prefix + ".dx", dx);
        out.putInt(prefix + ".dy", dy);
        out.putInt(prefix + ".dz", dz);
        out.putInt(prefix + ".buttons", buttons);
        out.putInt(prefix + ".toldButtons", toldButtons);
        out.putInt(prefix + ".lastCount", lastCount);
        out.putBytes(prefix + ".last", last);
    }

    @Override
    void load(StateReader in, String prefix) {
        super.load(in, prefix);
        id = in.getInt(prefix + ".id", 0, 0xff);
        status = in.getInt(prefix + ".status", 0, 0xff);
        resolution = in.getInt(prefix + ".resolution", 0, 0xff);
        rates = in.getInt(prefix + ".rates", 0, 0xff_ffff);
        wrapping = in.getBoolean(prefix + ".wrapping");
        dx = in.getInt(prefix + ".dx", -MAX_MOTION, MAX_MOTION);
        dy = in.getInt(prefix + ".dy", -MAX_MOTION, MAX_MOTION);
        dz = in.getInt(prefix + ".dz", -MAX_MOTION, MAX_MOTION);
        buttons = in.getInt(prefix + ".buttons", 0, ALL_BUTTONS);
        toldButtons = in.getInt(prefix + ".toldButtons", 0, ALL_BUTTONS);
        lastCount = in.getInt(prefix + ".lastCount", 0, MAX_LAST);
        System.arraycopy(in.getBytes(prefix + ".last", MAX_LAST), 0, last, 0, MAX_LAST);
    }
}
