package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;

/**
 * INT 14h, AH=00h to 03h: the serial ports. A byte that does not come, or finds no room, within the port's time-out in
 * the BIOS data area (ticks) is given up. INT 17h: there is no printer, which each function says.
 */
final class SerialServices {
    private static final int INITIALIZE = 0;
    private static final int SEND = 1;
    private static final int RECEIVE = 2;
    private static final int STATUS = 3;
    private static final int PORTS = 4;

    private static final int LINE_CONTROL = 3;
    private static final int MODEM_CONTROL = 4;
    private static final int LINE_STATUS = 5;
    private static final int MODEM_STATUS = 6;
    private static final int DIVISOR_BIT = 0x80;
    private static final int DATA_READY_BIT = 0x01;
    private static final int SEND_EMPTY_BIT = 0x20;
    private static final int ERRORS_MASK = 0x1E;
    private static final int TIMED_OUT_BIT = 0x80;
    /** Ready, and a request to send. */
    private static final int SEND_LINES = 3;
    private static final int LINE_SETTINGS_MASK = 0x1F;
    private static final int RATE_SHIFT = 5;
    /** 110 to 9600 baud. */
    private static final int[] DIVISORS = {1047, 768, 384, 192, 96, 48, 24, 12};
    /** In the private area, for each port: the tick at which a wait has begun. */
    private static final int WAIT_BEGIN = BiosData.PRIVATE + 0x20;

    private static final int PRINTER_TIMED_OUT = 1;

    private final Ports ports;

    SerialServices(BiosHost host) {
        ports = host.ports();
    }

    ServiceTable addTo(ServiceTable table) {
        return table.with(Vectors.SERIAL, INITIALIZE, this::initialize).with(Vectors.SERIAL, SEND, this::send)
                .with(Vectors.SERIAL, RECEIVE, this::receive).with(Vectors.SERIAL, STATUS, this::status)
                .with(Vectors.PRINTER, SerialServices::noPrinter);
    }

    private static Outcome noPrinter(Call call) {
        call.ah(PRINTER_TIMED_OUT);
        return Outcome.DONE;
    }

    /** The port that DX names, or 0. */
    private static int port(Call call) {
        return call.dx() < PORTS ? call.data().readWord(BiosData.COM_PORTS + 2 * call.dx()) : 0;
    }

    private Outcome initialize(Call call) {
        int port = port(call);
        if (port == 0) {
            return timedOut(call);
        }
        int divisor = DIVISORS[call.al() >> RATE_SHIFT];
        ports.out(port + LINE_CONTROL, DIVISOR_BIT);
        ports.out(port, divisor);
        ports.out(port + 1, divisor >> Byte.SIZE);
        ports.out(port + LINE_CONTROL, call.al() & LINE_SETTINGS_MASK);
        ports.out(port + 1, 0);
        return status(call);
    }

    private Outcome status(Call call) {
        int port = port(call);
        if (port == 0) {
            return timedOut(call);
        }
        call.ah(ports.in(port + LINE_STATUS));
        call.al(ports.in(port + MODEM_STATUS));
        return Outcome.DONE;
    }

    private Outcome send(Call call) {
        int port = port(call);
        if (port == 0) {
            return timedOut(call);
        }
        ports.out(port + MODEM_CONTROL, ports.in(port + MODEM_CONTROL) | SEND_LINES);
        int status = ports.in(port + LINE_STATUS);
        if ((status & SEND_EMPTY_BIT) == 0) {
            return wait(call, status);
        }
        ports.out(port, call.al());
        call.ah(ports.in(port + LINE_STATUS));
        return Outcome.DONE;
    }

    private Outcome receive(Call call) {
        int port = port(call);
        if (port == 0) {
            return timedOut(call);
        }
        int status = ports.in(port + LINE_STATUS);
        if ((status & DATA_READY_BIT) == 0) {
            return wait(call, status);
        }
        call.al(ports.in(port));
        call.ah(status & ERRORS_MASK);
        return Outcome.DONE;
    }

    private static Outcome wait(Call call, int status) {
        BiosData data = call.data();
        int begin = WAIT_BEGIN + Integer.BYTES * call.dx();
        if (!call.isRepeated()) {
            data.writeInt(begin, data.readInt(BiosData.TICKS));
        }
        int waited = data.readInt(BiosData.TICKS) - data.readInt(begin);
        if (waited >= 0 && waited <= data.readByte(BiosData.COM_TIMEOUTS + call.dx())) {
            return Outcome.AGAIN;
        }
        call.ah(status | TIMED_OUT_BIT);
        return Outcome.DONE;
    }

    private static Outcome timedOut(Call call) {
        call.ah(TIMED_OUT_BIT);
        return Outcome.DONE;
    }
}
