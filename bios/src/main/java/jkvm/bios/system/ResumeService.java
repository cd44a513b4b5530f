package jkvm.bios.system;

import java.util.OptionalInt;
import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Service;
import jkvm.tables.WakingVector;

/**
 * What the power-on self test does instead after a suspend to RAM: memory is the guest's, and stays as it is. Switches
 * the shadowed ROM on and goes on at the guest's waking vector, in real mode with interrupts off.
 */
final class ResumeService implements Service {
    private static final int PARAGRAPH_SHIFT = 4;
    private static final int PARAGRAPH_MASK = 0xF;

    private final BiosHost host;

    ResumeService(BiosHost host) {
        this.host = host;
    }

    @Override
    public Outcome call(Call call) {
        OptionalInt vector = WakingVector.find(host.ram());
        if (vector.isPresent()) {
            ShadowedRom.shadow(host.ports());
            call.returnTo(vector.getAsInt() >>> PARAGRAPH_SHIFT, vector.getAsInt() & PARAGRAPH_MASK);
        }
        return Outcome.DONE;
    }
}
