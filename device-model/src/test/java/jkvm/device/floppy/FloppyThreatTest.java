package jkvm.device.floppy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import jkvm.host.disk.MemoryDisk;
import org.junit.jupiter.api.Test;

/** Threats 70 to 74: a guest's worst cannot hang the controller or make it throw, and a reset brings it back. */
class FloppyThreatTest {
    private static final int ACCESSES = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 60_000;
    private static final int SEED = 4711;
    private static final int[] PORTS = {0x3F0, 0x3F1, 0x3F2, 0x3F3, 0x3F4, 0x3F5, 0x3F5, 0x3F5, 0x3F5, 0x3F7,
        0x04, 0x05, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x81};
    /** Opcodes of all commands, so that many of them get as far as their execution. */
    private static final int[] CODES = {0xE6, 0x46, 0xC5, 0x45, 0x0F, 0x08, 0x07, 0x4D, 0x42, 0x4E, 0x2E, 0x4C, 0x51,
        0x56, 0xD6, 0x59, 0x5D, 0x49, 0x4A, 0x03, 0x04, 0x12, 0x13, 0x17, 0x33, 0x8E, 0x8F, 0xCF, 0x94, 0x14, 0x0E,
        0x10, 0x18};

    private final FloppyFixture fixture = new FloppyFixture();
    private final Random random = new Random(SEED);

    private void access() throws Exception {
        switch (random.nextInt(12)) {
            case 0 -> command();
            case 1 -> {
                if (random.nextInt(40) == 0) {
                    fixture.out(FloppyPorts.OUTPUT, random.nextInt(256));
                }
            }
            case 2, 3, 4 -> fixture.in(PORTS[random.nextInt(PORTS.length)]);
            case 5 -> {
                if (random.nextInt(50) == 0) {
                    fixture.start();
                }
            }
            default -> fixture.out(PORTS[random.nextInt(PORTS.length)], random.nextInt(256));
        }
    }

    private void command() throws Exception {
        if (random.nextBoolean()) {
            fixture.program(random.nextInt(256) & ~3 | 2, 1 + random.nextInt(0x10000));
            fixture.out(0x81, random.nextBoolean() ? random.nextInt(256) : 1);
        }
        int head = random.nextInt(2);
        fixture.give(CODES[random.nextInt(CODES.length)], head << 2 | random.nextInt(4), random.nextInt(90),
                random.nextInt(8) == 0 ? random.nextInt(256) : head, random.nextInt(22), random.nextInt(16) == 0
                        ? random.nextInt(256) : 2, random.nextInt(40), random.nextInt(256), random.nextInt(256));
    }

    private void changeDisk() {
        if (fixture.slotA.hasMedium()) {
            fixture.slotA.remove();
        } else {
            fixture.insert(new MemoryDisk(new int[] {2880, 1440, 720, 320, 5760, 3, 7000}[random.nextInt(7)]));
        }
    }

    @Test
    void shouldTakeAnyAccessesAndWorkAfterAReset() throws Exception {
        for (int i = 0; i < ACCESSES; i++) {
            access();
            if (random.nextInt(500) == 0) {
                changeDisk();
            }
            if (i % 5_000 == 0) {
                fixture.copyTo(new FloppyFixture());
            }
        }
        if (fixture.slotA.hasMedium()) {
            fixture.slotA.remove();
        }
        fixture.insert(fixture.diskA);
        fixture.start();
        fixture.out(0x0D, 0);
        fixture.out(FloppyPorts.CHANGE, 0);
        fixture.command(0x03, 0xDF, 0x02);
        fixture.program(FloppyPorts.TO_MEMORY, 512);

        String result = fixture.command(0x46, 0, 3, 0, 1, 2, 18, 0x1B, 0xFF);

        assertTrue(result.matches("[02]0 00 00 03 00 02 02"), result);
        assertEquals(FloppyFixture.content(3 * 36 * 512), fixture.memory.readByte(FloppyPorts.BUFFER));
    }

    /** Threat 70: DMA past RAM loses its bytes, and the command ends. */
    @Test
    void shouldEndATransferToNoMemory() throws Exception {
        fixture.start();
        fixture.program(FloppyPorts.TO_MEMORY, 18 * 512);
        fixture.out(0x81, 0xFF);

        assertEquals("20 00 00 01 00 01 02", fixture.command(0x46, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF));
    }

    /** Threat 71. */
    @Test
    void shouldTakeNoCommandWhileOneIsUnderWay() throws Exception {
        fixture.start();
        fixture.program(FloppyPorts.TO_MEMORY, 512);
        fixture.workers.hold();
        fixture.give(0x46, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF);

        for (int value = 0; value < 256; value++) {
            fixture.out(FloppyPorts.DATA, value);
            assertEquals(0, fixture.in(FloppyPorts.DATA));
        }
        fixture.workers.run();

        assertEquals("00 00 00 00 00 02 02", fixture.take());
    }
}
