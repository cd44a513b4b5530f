package jkvm.device.platform;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A keyboard or mouse at a {@link I8042}, whose lock guards it: takes command bytes, keeps its answers until they are
 * fetched.
 */
abstract class Ps2Device {
    static final int ACK = 0xfa;
    static final int RESEND = 0xfe;
    static final int SELF_TEST_PASSED = 0xaa;

    static final int IDENTIFY = 0xf2;
    static final int SET_RATE = 0xf3;
    static final int ENABLE = 0xf4;
    static final int DISABLE = 0xf5;
    static final int SET_DEFAULTS = 0xf6;
    static final int RESEND_LAST = 0xfe;
    static final int RESET = 0xff;

    static final int NO_COMMAND = 0;
    /** The longest answer has five bytes: a mouse's acknowledgement and its packet. */
    private static final int MAX_REPLY = 8;

    private final byte[] replies = new byte[MAX_REPLY];
    private int next;
    private int end;
    private int lastSent;
    private int commandInWork;

    /** A byte from the controller. It ends what was left of the answer to an earlier one. */
    final void receive(int value) {
        clearReplies();
        if (value == RESEND_LAST) {
            resend();
            return;
        }
        int command = commandInWork;
        commandInWork = NO_COMMAND;
        if (command != NO_COMMAND && isParameter(command, value)) {
            reply(ACK);
            parameter(command, value);
        } else {
            command(value);
        }
    }

    final boolean hasReply() {
        return next < end;
    }

    final int takeReply() {
        return sent(replies[next++] & 0xff);
    }

    /** The byte that left the device last. */
    final int lastSent() {
        return lastSent;
    }

    /** Notes a byte that leaves the device, in case it is asked for again. */
    final int sent(int value) {
        lastSent = value;
        return value;
    }

    final void reply(int value) {
        replies[end++] = (byte) value;
    }

    /** Acknowledges a command and waits for its parameter. */
    final void awaitParameter(int command) {
        reply(ACK);
        commandInWork = command;
    }

    /** Waits for another parameter of the command, which is acknowledged already. */
    final void continueWith(int command) {
        commandInWork = command;
    }

    /** The driver asks for what it has not understood. */
    abstract void resend();

    /** True while the device waits for a command's parameter. */
    final boolean isParameterDue() {
        return commandInWork != NO_COMMAND;
    }

    final void clearReplies() {
        next = 0;
        end = 0;
    }

    abstract boolean isParameter(int command, int value);

    abstract void command(int command);

    abstract void parameter(int command, int value);

    abstract void setDefaults();

    /** Power-on state. The self-test's message has been fetched by firmware long ago. */
    void reset() {
        clearReplies();
        commandInWork = NO_COMMAND;
        lastSent = 0;
        setDefaults();
    }

    void save(StateWriter out, String prefix) {
        int count = end - next;
        byte[] waiting = new byte[count];
        System.arraycopy(replies, next, waiting, 0, count);
        out.putInt(prefix + ".count", count);
        out.putBytes(prefix + ".replies", waiting);
        out.putInt(prefix + ".lastSent", lastSent);
        out.putInt(prefix + ".commandInWork", commandInWork);
    }

    void load(StateReader in, String prefix) {
        int count = in.getInt(prefix + ".count", 0, MAX_REPLY);
        byte[] waiting = in.getBytes(prefix + ".replies", count);
        clearReplies();
        System.arraycopy(waiting, 0, replies, 0, count);
        end = count;
        lastSent = in.getInt(prefix + ".lastSent", 0, 0xff);
        commandInWork = in.getInt(prefix + ".commandInWork", 0, 0xff);
    }
}
