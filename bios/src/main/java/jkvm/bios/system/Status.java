package jkvm.bios.system;

import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** How most functions tell their outcome: the carry flag, and a status in AH. */
final class Status {
    static final int UNSUPPORTED = 0x86;

    private Status() {
    }

    static Outcome done(Call call) {
        call.ah(0);
        call.carry(false);
        return Outcome.DONE;
    }

    static Outcome failed(Call call, int status) {
        call.ah(status);
        call.carry(true);
        return Outcome.DONE;
    }

    static Outcome unsupported(Call call) {
        return failed(call, UNSUPPORTED);
    }
}
