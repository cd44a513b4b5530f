package jkvm.bios.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import jkvm.bios.BiosCaller;
import jkvm.bios.BiosCaller.Register;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** INT 10h of a display adapter, called by a guest that means harm. */
@Timeout(900)
class VideoServicesHostileTest {
    private static final int VIDEO = 0x10;
    private static final int[] FUNCTIONS = {0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C,
        0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x1A, 0x1B, 0x1C, 0x4F};
    private static final int DATA_START = 0x449;
    private static final int DATA_END = 0x4C0;

    private final BiosCaller caller = new BiosCaller();
    private final Random random = new Random(76);

    @Test
    void shouldAnswerCallsOfAnyKindOnDataOfAnyKind() {
        // THREATS 76: absurd modes, cursors beyond the screen, fonts anywhere, strings that wrap at 64 KiB.
        caller.use(VideoServices.addTo(ServiceTable.EMPTY, caller.ram(), new AnyPorts(random), caller.memory()),
                caller.memory());
        int calls = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 3_000;
        for (int i = 0; i < calls; i++) {
            for (int address = DATA_START; i % 16 == 0 && address < DATA_END; address++) {
                caller.ram().writeByte(address, (byte) random.nextInt());
            }
            caller.ram().writeInt(4L * 0x43, random.nextInt());
            for (Register register : Register.values()) {
                caller.set(register, random.nextInt());
            }
            caller.set(Register.ECX, random.nextInt(64) == 0 ? 0xFFFF : random.nextInt(0x300));
            caller.es(random.nextInt(0x10000));
            int ax = FUNCTIONS[random.nextInt(FUNCTIONS.length)] << 8 | random.nextInt(random.nextBoolean() ? 256 : 32);
            long start = System.nanoTime();

            assertEquals(Outcome.DONE, caller.call(VIDEO, ax), Integer.toHexString(ax));

            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(took.compareTo(Duration.ofSeconds(20)) < 0, Integer.toHexString(ax) + " took " + took);
        }
    }

    /** Answers each read with anything, but for the number of Bochs' interface. */
    private record AnyPorts(Random random) implements Ports {
        @Override
        public int in(int port) {
            return random.nextInt(256);
        }

        @Override
        public void out(int port, int value) {
            // Taken.
        }

        @Override
        public int inWord(int port) {
            return random.nextInt(4) == 0 ? random.nextInt(0x10000) : 0xB0C5;
        }

        @Override
        public void outWord(int port, int value) {
            // Taken.
        }

        @Override
        public int inInt(int port) {
            return random.nextInt();
        }

        @Override
        public void outInt(int port, int value) {
            // Taken.
        }
    }
}
