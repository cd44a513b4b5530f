package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;

/**
 * INT 15h, AH=C2h: the PS/2 mouse. INT 74h collects a packet's bytes; a whole packet goes to the program's handler,
 * which the ROM's code calls (IBM PS/2 and PC BIOS interface technical reference).
 */
final class MouseServices {
    private static final int FUNCTION = 0xC2;
    private static final int SWITCH = 0;
    private static final int RESET = 1;
    private static final int RATE = 2;
    private static final int RESOLUTION = 3;
    private static final int TYPE = 4;
    private static final int INITIALIZE = 5;
    private static final int STATUS = 6;
    private static final int HANDLER = 7;

    private static final int BAD_FUNCTION = 1;
    private static final int BAD_INPUT = 2;
    private static final int INTERFACE_ERROR = 3;
    private static final int NO_HANDLER = 5;

    private static final int DATA_PORT = 0x60;
    private static final int COMMAND_PORT = 0x64;
    private static final int FULL_BIT = 0x01;
    private static final int FROM_MOUSE_BIT = 0x20;
    private static final int READ_CONTROL = 0x20;
    private static final int WRITE_CONTROL = 0x60;
    private static final int WRITE_MOUSE = 0xD4;
    private static final int INTERRUPT_BIT = 0x02;
    private static final int DISABLED_BIT = 0x20;

    private static final int SET_SCALING = 0xE6;
    private static final int SET_RESOLUTION = 0xE8;
    private static final int ASK_STATUS = 0xE9;
    private static final int ASK_TYPE = 0xF2;
    private static final int SET_RATE = 0xF3;
    private static final int ENABLE = 0xF4;
    private static final int DISABLE = 0xF5;
    private static final int DO_RESET = 0xFF;
    private static final int ACKNOWLEDGED = 0xFA;
    private static final int[] RATES = {10, 20, 40, 60, 80, 100, 200};
    private static final int MAX_RESOLUTION = 3;
    private static final int MAX_PACKET = 8;

    /** In the extended data area: the handler's address, how many bytes have come, the packet's size, the bytes. */
    private static final int HANDLER_OFFSET = BiosData.EXTENDED_MOUSE;
    private static final int COUNT = BiosData.EXTENDED_MOUSE + 4;
    private static final int FLAGS = BiosData.EXTENDED_MOUSE + 5;
    private static final int PACKET = BiosData.EXTENDED_MOUSE + 6;
    private static final int SIZE_MASK = 7;
    private static final int HAS_HANDLER_BIT = 0x80;
    private static final int STANDARD_PACKET = 3;

    private final Ports ports;
    private final boolean hasMouse;

    MouseServices(BiosHost host) {
        ports = host.ports();
        hasMouse = host.platform().keyboardController();
    }

    ServiceTable addTo(ServiceTable table) {
        return hasMouse ? table.with(Vectors.SYSTEM, FUNCTION, this::call).with(Vectors.MOUSE, this::interrupt) : table;
    }

    /** A byte of the keyboard's in the controller goes to INT 09h first. */
    private Outcome call(Call call) {
        if ((ports.in(COMMAND_PORT) & (FULL_BIT | FROM_MOUSE_BIT)) == FULL_BIT && !call.isRepeated()) {
            return Outcome.AGAIN;
        }
        return switch (call.al()) {
            case SWITCH -> turn(call);
            case RESET -> reset(call);
            case RATE -> call.bh() < RATES.length ? set(call, SET_RATE, RATES[call.bh()])
                    : Status.failed(call, BAD_INPUT);
            case RESOLUTION -> call.bh() <= MAX_RESOLUTION ? set(call, SET_RESOLUTION, call.bh())
                    : Status.failed(call, BAD_INPUT);
            case TYPE -> type(call);
            case INITIALIZE -> initialize(call);
            case STATUS -> status(call);
            case HANDLER -> handler(call);
            default -> Status.failed(call, BAD_FUNCTION);
        };
    }

    private Outcome turn(Call call) {
        BiosData data = call.data();
        if (call.bh() > 1) {
            return Status.failed(call, BAD_INPUT);
        }
        if (call.bh() == 1 && (data.readByte(FLAGS) & HAS_HANDLER_BIT) == 0) {
            return Status.failed(call, NO_HANDLER);
        }
        data.writeByte(COUNT, 0);
        if (call.bh() == 1) {
            connect();
        }
        return result(call, send(call.bh() == 1 ? ENABLE : DISABLE));
    }

    /** Lets the mouse's bytes come with interrupts. */
    private void connect() {
        ports.out(COMMAND_PORT, READ_CONTROL);
        int control = ports.in(DATA_PORT);
        ports.out(COMMAND_PORT, WRITE_CONTROL);
        ports.out(DATA_PORT, control & ~DISABLED_BIT | INTERRUPT_BIT);
    }

    private Outcome reset(Call call) {
        call.data().writeByte(COUNT, 0);
        if (!send(DO_RESET)) {
            return Status.failed(call, INTERFACE_ERROR);
        }
        call.bl(ports.in(DATA_PORT));
        call.bh(ports.in(DATA_PORT));
        return Status.done(call);
    }

    private Outcome initialize(Call call) {
        if (call.bh() < 1 || call.bh() > MAX_PACKET) {
            return Status.failed(call, BAD_INPUT);
        }
        int flags = call.data().readByte(FLAGS) & ~SIZE_MASK;
        call.data().writeByte(FLAGS, flags | call.bh() - 1);
        return reset(call);
    }

    private Outcome set(Call call, int command, int value) {
        return result(call, send(command) && send(value));
    }

    private Outcome type(Call call) {
        if (!send(ASK_TYPE)) {
            return Status.failed(call, INTERFACE_ERROR);
        }
        call.bh(ports.in(DATA_PORT));
        return Status.done(call);
    }

    /** BH=0 asks; 1 and 2 set the scaling. */
    private Outcome status(Call call) {
        switch (call.bh()) {
            case 0 -> {
                if (!send(ASK_STATUS)) {
                    return Status.failed(call, INTERFACE_ERROR);
                }
                call.bl(ports.in(DATA_PORT));
                call.cl(ports.in(DATA_PORT));
                call.dl(ports.in(DATA_PORT));
                return Status.done(call);
            }
            case 1, 2 -> {
                return result(call, send(SET_SCALING + call.bh() - 1));
            }
            default -> {
                return Status.failed(call, BAD_INPUT);
            }
        }
    }

    private static Outcome handler(Call call) {
        BiosData data = call.data();
        data.writeWord(HANDLER_OFFSET, call.bx());
        data.writeWord(HANDLER_OFFSET + 2, call.es());
        int flags = data.readByte(FLAGS);
        boolean isSet = (call.bx() | call.es()) != 0;
        data.writeByte(FLAGS, isSet ? flags | HAS_HANDLER_BIT : flags & ~HAS_HANDLER_BIT);
        return Status.done(call);
    }

    private static Outcome result(Call call, boolean isDone) {
        return isDone ? Status.done(call) : Status.failed(call, INTERFACE_ERROR);
    }

    /** The mouse answers at once. */
    private boolean send(int value) {
        ports.out(COMMAND_PORT, WRITE_MOUSE);
        ports.out(DATA_PORT, value);
        return (ports.in(COMMAND_PORT) & FULL_BIT) != 0 && ports.in(DATA_PORT) == ACKNOWLEDGED;
    }

    /** One byte. With carry set a packet is complete: AX, BX, CX, DX are for the handler at ES:DI. */
    private Outcome interrupt(Call call) {
        BiosData data = call.data();
        call.carry(false);
        int both = FULL_BIT | FROM_MOUSE_BIT;
        if ((ports.in(COMMAND_PORT) & both) != both) {
            return Outcome.DONE;
        }
        int value = ports.in(DATA_PORT);
        int flags = data.readByte(FLAGS);
        if ((flags & HAS_HANDLER_BIT) == 0) {
            return Outcome.DONE;
        }
        int size = flags & SIZE_MASK;
        int last = size == 0 ? STANDARD_PACKET - 1 : size;
        int count = data.readByte(COUNT) & SIZE_MASK;
        data.writeByte(PACKET + count, value);
        if (count < last) {
            data.writeByte(COUNT, count + 1);
            return Outcome.DONE;
        }
        data.writeByte(COUNT, 0);
        call.ax(data.readByte(PACKET));
        call.bx(data.readByte(PACKET + 1));
        call.cx(data.readByte(PACKET + 2));
        call.dx(last > 2 ? data.readByte(PACKET + 3) : 0);
        call.es(data.readWord(HANDLER_OFFSET + 2));
        call.di(data.readWord(HANDLER_OFFSET));
        call.carry(true);
        return Outcome.DONE;
    }
}
