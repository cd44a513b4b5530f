package jkvm.device.platform;

import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.bus.MachineControl;
import jkvm.bus.RegisterNames;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;
import jkvm.host.input.Key;
import jkvm.host.input.KeyboardSink;
import jkvm.host.input.PointerSink;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/**
 * The PS/2 keyboard controller with a keyboard and a mouse. It starts as a BIOS leaves it: keyboard on, with
 * interrupt and translation; mouse port off. All answers are there at once: a driver that polls for them never waits.
 */
public final class I8042 implements Device {
    /** Port of {@link #data()}. */
    public static final int DATA_PORT = 0x60;
    /** Port of {@link #command()}. */
    public static final int COMMAND_PORT = 0x64;

    static final int STATUS_OUTPUT_FULL_BIT = 0x01;
    static final int STATUS_SYSTEM_BIT = 0x04;
    static final int STATUS_COMMAND_BIT = 0x08;
    static final int STATUS_UNLOCKED_BIT = 0x10;
    static final int STATUS_MOUSE_BIT = 0x20;

    static final int CTR_KEYBOARD_INTERRUPT_BIT = 0x01;
    static final int CTR_MOUSE_INTERRUPT_BIT = 0x02;
    static final int CTR_SYSTEM_BIT = 0x04;
    static final int CTR_KEYBOARD_DISABLE_BIT = 0x10;
    static final int CTR_MOUSE_DISABLE_BIT = 0x20;
    static final int CTR_TRANSLATE_BIT = 0x40;
    static final int DEFAULT_CTR =
            CTR_KEYBOARD_INTERRUPT_BIT | CTR_SYSTEM_BIT | CTR_MOUSE_DISABLE_BIT | CTR_TRANSLATE_BIT;

    static final int READ_CTR = 0x20;
    static final int WRITE_CTR = 0x60;
    static final int DISABLE_MOUSE = 0xa7;
    static final int ENABLE_MOUSE = 0xa8;
    static final int TEST_MOUSE = 0xa9;
    static final int SELF_TEST = 0xaa;
    static final int TEST_KEYBOARD = 0xab;
    static final int DISABLE_KEYBOARD = 0xad;
    static final int ENABLE_KEYBOARD = 0xae;
    static final int READ_INPUT_PORT = 0xc0;
    static final int READ_OUTPUT_PORT = 0xd0;
    static final int WRITE_OUTPUT_PORT = 0xd1;
    static final int WRITE_KEYBOARD_BUFFER = 0xd2;
    static final int WRITE_MOUSE_BUFFER = 0xd3;
    static final int WRITE_MOUSE = 0xd4;
    static final int DISABLE_A20 = 0xdd;
    static final int ENABLE_A20 = 0xdf;
    static final int PULSE_MASK = 0xf0;

    static final int SELF_TEST_PASSED = 0x55;
    static final int OUTPUT_NO_RESET_BIT = 0x01;
    static final int OUTPUT_A20_BIT = 0x02;
    static final int OUTPUT_KEYBOARD_FULL_BIT = 0x10;
    static final int OUTPUT_MOUSE_FULL_BIT = 0x20;
    /** No reset, A20 open, the keyboard's clock and data lines high. */
    static final int DEFAULT_OUTPUT_PORT = 0xcf;
    /** The keyboard is not locked. */
    private static final int INPUT_PORT = 0x80;

    private static final int NO_COMMAND = 0;
    private static final int NO_REPLY = -1;
    private static final int STATE_VERSION = 3;

    /** Whose byte is in the output buffer. */
    private static final int EMPTY = 0;
    private static final int FROM_KEYBOARD = 1;
    private static final int FROM_MOUSE = 2;

    private final String name;
    private final IrqLine keyboardIrq;
    private final IrqLine mouseIrq;
    private final MachineControl machine;
    private final Ps2Keyboard keyboard;
    private final Ps2Mouse mouse = new Ps2Mouse();

    private int ctr;
    private int outputPort;
    /** The command whose data byte is due at the data port. */
    private int commandInWork;
    private boolean lastWriteWasCommand;
    private int output;
    private int outputSource;
    /** The controller's own byte that waits for room in the output buffer. */
    private int reply;
    private boolean replyIsMouse;
    /** Null until somebody may press keys. */
    private InputHub.Plug keyboardPlug;

    private final IoHandler data = new ByteIoHandler() {
        @Override
        public RegisterNames registerNames() {
            return new RegisterNames("pckbd").with(0, "DATA");
        }

        @Override
        public int readByte(int offset) {
            return readData();
        }

        @Override
        public void writeByte(int offset, int value) {
            writeData(value);
        }
    };
    private final IoHandler command = new ByteIoHandler() {
        @Override
        public RegisterNames registerNames() {
            return new RegisterNames("pckbd").with(0, "STATUS/COMMAND");
        }

        @Override
        public int readByte(int offset) {
            return readStatus();
        }

        @Override
        public void writeByte(int offset, int value) {
            writeCommand(value);
        }
    };

    /**
     * @param clock   how fast keys are repeated
     * @param machine is asked for a reset by the output port's bit 0 and by the pulse command 0xfe; keys and the mouse
     *                wake it
     */
    public I8042(String name, IrqLine keyboardIrq, IrqLine mouseIrq, VmClock clock, MachineControl machine) {
        keyboard = new Ps2Keyboard(clock);
        this.name = name;
        this.keyboardIrq = keyboardIrq;
        this.mouseIrq = mouseIrq;
        this.machine = machine;
        reset();
    }

    /** The data port. */
    public IoHandler data() {
        return data;
    }

    /** The command and status port. */
    public IoHandler command() {
        return command;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized void reset() {
        ctr = DEFAULT_CTR;
        outputPort = DEFAULT_OUTPUT_PORT;
        commandInWork = NO_COMMAND;
        lastWriteWasCommand = true;
        output = 0;
        outputSource = EMPTY;
        reply = NO_REPLY;
        replyIsMouse = false;
        keyboard.reset();
        mouse.reset();
        update();
    }

    /** Gives the guest's keyboard and mouse to users. Once. */
    public void connect(InputHub hub) {
        keyboardPlug = hub.add(new Keyboard());
        hub.add(new Mouse());
    }

    private final class Keyboard implements KeyboardSink {
        @Override
        public String name() {
            return "QEMU PS/2 Keyboard";
        }

        @Override
        public boolean stroke(Key key, boolean isDown) {
            synchronized (I8042.this) {
                machine.requestWakeUp();
                boolean taken = keyboard.press(key, isDown);
                update();
                return taken;
            }
        }

        @Override
        public int leds() {
            return keyboard.leds();
        }
    }

    private final class Mouse implements PointerSink {
        @Override
        public String name() {
            return "QEMU PS/2 Mouse";
        }

        @Override
        public boolean isAbsolute() {
            return false;
        }

        @Override
        public boolean take(InputEvent.Pointer event) {
            synchronized (I8042.this) {
                machine.requestWakeUp();
                boolean taken = mouse.take(event);
                update();
                return taken;
            }
        }
    }

    /** The byte in the output buffer; if that is empty, the one that was there last. */
    private synchronized int readData() {
        int value = output;
        if (outputSource != EMPTY) {
            outputSource = EMPTY;
            // The line falls before the next byte raises it: an edge for each byte.
            driveIrqs();
            update();
        }
        return value;
    }

    private synchronized int readStatus() {
        return STATUS_UNLOCKED_BIT | (outputSource != EMPTY ? STATUS_OUTPUT_FULL_BIT : 0)
                | (outputSource == FROM_MOUSE ? STATUS_MOUSE_BIT : 0)
                | ((ctr & CTR_SYSTEM_BIT) != 0 ? STATUS_SYSTEM_BIT : 0)
                | (lastWriteWasCommand ? STATUS_COMMAND_BIT : 0);
    }

    private synchronized void writeData(int value) {
        lastWriteWasCommand = false;
        int target = commandInWork;
        commandInWork = NO_COMMAND;
        switch (target) {
            case WRITE_CTR -> ctr = value;
            case WRITE_OUTPUT_PORT -> {
                outputPort = value;
                if ((value & OUTPUT_NO_RESET_BIT) == 0) {
                    machine.requestReset();
                }
            }
            case WRITE_KEYBOARD_BUFFER -> reply(value, false);
            case WRITE_MOUSE_BUFFER -> reply(value, true);
            case WRITE_MOUSE -> {
                // Sending to a device lets it talk again.
                ctr &= ~CTR_MOUSE_DISABLE_BIT;
                mouse.receive(value);
            }
            default -> {
                ctr &= ~CTR_KEYBOARD_DISABLE_BIT;
                tellKeyboard(value);
            }
        }
        update();
    }

    private void tellKeyboard(int value) {
        int leds = keyboard.leds();
        keyboard.receive(value);
        if (keyboard.leds() != leds && keyboardPlug != null) {
            keyboardPlug.changed();
        }
    }

    private synchronized void writeCommand(int value) {
        lastWriteWasCommand = true;
        commandInWork = NO_COMMAND;
        switch (value) {
            case READ_CTR -> reply(ctr, false);
            case WRITE_CTR, WRITE_OUTPUT_PORT, WRITE_KEYBOARD_BUFFER, WRITE_MOUSE_BUFFER, WRITE_MOUSE ->
                    commandInWork = value;
            case DISABLE_MOUSE -> ctr |= CTR_MOUSE_DISABLE_BIT;
            case ENABLE_MOUSE -> ctr &= ~CTR_MOUSE_DISABLE_BIT;
            case DISABLE_KEYBOARD -> ctr |= CTR_KEYBOARD_DISABLE_BIT;
            case ENABLE_KEYBOARD -> ctr &= ~CTR_KEYBOARD_DISABLE_BIT;
            case TEST_MOUSE, TEST_KEYBOARD -> reply(0, false);
            case SELF_TEST -> {
                ctr |= CTR_SYSTEM_BIT;
                reply(SELF_TEST_PASSED, false);
            }
            case READ_INPUT_PORT -> reply(INPUT_PORT, false);
            case READ_OUTPUT_PORT -> reply(outputPort | outputFullBits(), false);
            case DISABLE_A20 -> outputPort &= ~OUTPUT_A20_BIT;
            case ENABLE_A20 -> outputPort |= OUTPUT_A20_BIT;
            default -> {
                if ((value & PULSE_MASK) == PULSE_MASK && (value & OUTPUT_NO_RESET_BIT) == 0) {
                    machine.requestReset();
                }
            }
        }
        update();
    }

    private int outputFullBits() {
        return switch (outputSource) {
            case FROM_KEYBOARD -> OUTPUT_KEYBOARD_FULL_BIT;
            case FROM_MOUSE -> OUTPUT_MOUSE_FULL_BIT;
            default -> 0;
        };
    }

    /** An answer of the controller itself. One that the guest has not fetched yet gives way. */
    private void reply(int value, boolean isMouse) {
        reply = value;
        replyIsMouse = isMouse;
    }

    /** Fills the output buffer if it is empty: controller first, then keyboard, then mouse. */
    private void update() {
        if (outputSource == EMPTY) {
            if (reply != NO_REPLY) {
                output = reply;
                outputSource = replyIsMouse ? FROM_MOUSE : FROM_KEYBOARD;
                reply = NO_REPLY;
            } else if ((ctr & CTR_KEYBOARD_DISABLE_BIT) == 0 && keyboard.hasReply()) {
                output = isTranslating() ? ScanCodes.translated(keyboard.takeReply())
                        : keyboard.takeReply();
                outputSource = FROM_KEYBOARD;
            } else if ((ctr & CTR_KEYBOARD_DISABLE_BIT) == 0 && keyboard.hasKey()) {
                takeKey();
            } else if ((ctr & CTR_MOUSE_DISABLE_BIT) == 0) {
                takeMouse();
            }
        }
        driveIrqs();
    }

    private boolean isTranslating() {
        return (ctr & CTR_TRANSLATE_BIT) != 0;
    }

    /** The next byte of a key. In translation the byte before the code of a key that goes up becomes a bit of it. */
    private void takeKey() {
        int value = keyboard.takeKey();
        if (isTranslating() && value == ScanCodes.BREAK && keyboard.hasKey()) {
            output = ScanCodes.translated(keyboard.takeKey()) | ScanCodes.SET_1_BREAK_BIT;
        } else {
            output = isTranslating() ? ScanCodes.translated(value) : value;
        }
        outputSource = FROM_KEYBOARD;
    }

    private void takeMouse() {
        mouse.fill();
        if (mouse.hasReply()) {
            output = mouse.takeReply();
            outputSource = FROM_MOUSE;
        }
    }

    private void driveIrqs() {
        int keyboardOn = ctr & (CTR_KEYBOARD_INTERRUPT_BIT | CTR_KEYBOARD_DISABLE_BIT);
        keyboardIrq.set(outputSource == FROM_KEYBOARD && keyboardOn == CTR_KEYBOARD_INTERRUPT_BIT);
        mouseIrq.set(outputSource == FROM_MOUSE && (ctr & CTR_MOUSE_INTERRUPT_BIT) != 0);
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("ctr", ctr);
        out.putInt("outputPort", outputPort);
        out.putInt("commandInWork", commandInWork);
        out.putBoolean("lastWriteWasCommand", lastWriteWasCommand);
        out.putInt("output", output);
        out.putInt("outputSource", outputSource);
        out.putInt("reply", reply);
        out.putBoolean("replyIsMouse", replyIsMouse);
        keyboard.save(out, "keyboard");
        mouse.save(out, "mouse");
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        ctr = in.getInt("ctr", 0, 0xff);
        outputPort = in.getInt("outputPort", 0, 0xff);
        commandInWork = in.getInt("commandInWork", 0, 0xff);
        lastWriteWasCommand = in.getBoolean("lastWriteWasCommand");
        output = in.getInt("output", 0, 0xff);
        outputSource = in.getInt("outputSource", EMPTY, FROM_MOUSE);
        reply = in.getInt("reply", NO_REPLY, 0xff);
        replyIsMouse = in.getBoolean("replyIsMouse");
        keyboard.load(in, "keyboard");
        mouse.load(in, "mouse");
        update();
    }
}
