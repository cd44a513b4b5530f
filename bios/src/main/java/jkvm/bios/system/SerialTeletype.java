package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.Service;

/** INT 10h, AH=0Eh of a machine without a display: writes a letter to the first serial port. */
final class SerialTeletype implements Service {
    static final int FUNCTION = 0x0E;

    private final Ports ports;

    SerialTeletype(Ports ports) {
        this.ports = ports;
    }

    @Override
    public Outcome call(Call call) {
        write(call, call.al());
        return Outcome.DONE;
    }

    /** The port is the one that the BIOS data area has for COM1, or none. */
    void write(Call call, int letter) {
        int port = call.data().readWord(BiosData.COM_PORTS);
        if (port != 0) {
            ports.out(port, letter);
        }
    }
}
