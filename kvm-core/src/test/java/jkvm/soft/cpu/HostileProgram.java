package jkvm.soft.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;

/** The programs of {@code hostile.S}, in its order. */
enum HostileProgram {
    EVER_NEW, STORM, REMAP, ACROSS, ALIAS, SLEDS;

    /** The register that counts what was done. */
    static final int R15 = 15;
    private static final int CODE = 0x10_0000, MEGABYTES = 16;

    /** A machine in long mode that is about to execute this program. */
    SoftMachine machine() {
        SoftMachine machine = new SoftMachine(MEGABYTES);
        machine.long64();
        machine.code(CODE, image());
        machine.cpu.rip = machine.ram.get(ValueLayout.JAVA_LONG, CODE + 8L * ordinal());
        machine.cpu.r[R15] = 0;
        machine.cpu.r[Cpu.RBX] = 0;
        return machine;
    }

    private static byte[] image() {
        try (InputStream in = HostileProgram.class.getResourceAsStream("/jkvm/soft/hostile/hostile.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
