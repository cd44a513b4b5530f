package jkvm.bios.system;

import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.Service;

/** INT 18h and 19h of a machine without disks: says so. The ROM's code halts after that. */
final class NoBoot implements Service {
    private static final String TEXT = "No bootable device.\r\n";

    private final SerialTeletype teletype;

    NoBoot(Ports ports) {
        teletype = new SerialTeletype(ports);
    }

    @Override
    public Outcome call(Call call) {
        TEXT.chars().forEach(letter -> teletype.write(call, letter));
        return Outcome.DONE;
    }
}
