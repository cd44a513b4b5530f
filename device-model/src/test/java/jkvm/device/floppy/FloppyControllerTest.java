package jkvm.device.floppy;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import jkvm.bus.StateRoundTrip;
import jkvm.host.disk.MemoryDisk;
import org.junit.jupiter.api.Test;

class FloppyControllerTest {
    private static final int SECTOR = MemoryDisk.SECTOR_SIZE;

    private FloppyFixture fixture = new FloppyFixture();

    /** READ or WRITE of multiple tracks, from a sector to the last one of a track of 18. */
    private String transfer(int code, int track, int head, int sector) throws Exception {
        return fixture.command(code, head << 2, track, head, sector, 2, 18, 0x1B, 0xFF);
    }

    private byte[] memory(int bytes) {
        byte[] copy = new byte[bytes];
        fixture.memory.read(FloppyPorts.BUFFER, copy, 0, bytes);
        return copy;
    }

    private static byte[] content(int firstSector, int bytes) {
        byte[] expected = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            expected[i] = FloppyFixture.content(firstSector * SECTOR + i);
        }
        return expected;
    }

    @Test
    void shouldTellOfFourDrivesAfterAReset() throws Exception {
        fixture.out(FloppyPorts.OUTPUT, 0);
        assertEquals(0, fixture.in(FloppyPorts.MAIN_STATUS), "in reset");
        fixture.out(FloppyPorts.OUTPUT, 0x0C);
        assertTrue(fixture.irq.level());

        assertAll(() -> assertEquals("c0 00", fixture.command(0x08)), () -> assertFalse(fixture.irq.level()),
                () -> assertEquals("c1 00", fixture.command(0x08)), () -> assertEquals("c2 00", fixture.command(0x08)),
                () -> assertEquals("c3 00", fixture.command(0x08)), () -> assertEquals("80", fixture.command(0x08)));
    }

    @Test
    void shouldReadAWholeCylinderByDma() throws Exception {
        fixture.start();
        fixture.program(FloppyPorts.TO_MEMORY, 36 * SECTOR);

        assertEquals("20 00 00 04 00 01 02", transfer(0xE6, 3, 0, 1));
        assertArrayEquals(content(3 * 36, 36 * SECTOR), memory(36 * SECTOR));
        assertEquals("00 48 ff ff", fixture.programmed());
        assertEquals(0x04, fixture.in(0x08) & 0x0F, "terminal count");
        assertEquals(0x04, fixture.in(0x0F) & 0x04, "closed by the terminal count");
    }

    @Test
    void shouldInterruptAtTheEndOfATransferUntilItsResultIsTaken() throws Exception {
        fixture.start();
        fixture.program(FloppyPorts.TO_MEMORY, SECTOR);
        fixture.give(0x46, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF);

        assertTrue(fixture.irq.level());
        assertEquals("00 00 00 00 00 02 02", fixture.take());
        assertFalse(fixture.irq.level());
    }

    @Test
    void shouldWriteByDmaAndKeepTheRestOfASector() throws Exception {
        fixture.start();
        fixture.memory.fill(FloppyPorts.BUFFER, SECTOR + 100, (byte) 0xA5);
        fixture.program(FloppyPorts.FROM_MEMORY, SECTOR + 100);

        assertEquals("04 00 00 00 01 02 02", transfer(0x45, 0, 1, 1));
        byte[] expected = content(18, 2 * SECTOR);
        Arrays.fill(expected, 0, SECTOR + 100, (byte) 0xA5);
        assertArrayEquals(expected, Arrays.copyOfRange(fixture.diskA.content, 18 * SECTOR, 20 * SECTOR));
    }

    @Test
    void shouldWaitForAClosedChannel() throws Exception {
        fixture.start();
        fixture.program(FloppyPorts.TO_MEMORY, SECTOR);
        fixture.out(0x0A, 6);
        assertEquals("", transfer(0x46, 0, 0, 1));
        assertEquals(0x10, fixture.in(FloppyPorts.MAIN_STATUS));
        assertEquals(0x40, fixture.in(0x08), "requested");

        fixture.out(0x0A, 2);

        assertEquals("00 00 00 00 00 02 02", fixture.take());
    }

    @Test
    void shouldMoveDataThroughTheDataRegisterWithoutDma() throws Exception {
        fixture.start();
        fixture.command(0x03, 0xDF, 0x03);
        fixture.give(0x46, 0, 0, 0, 5, 2, 6, 0x1B, 0xFF);
        byte[] read = new byte[2 * SECTOR];
        for (int i = 0; i < read.length; i++) {
            assertEquals(0xF0, fixture.in(FloppyPorts.MAIN_STATUS));
            read[i] = (byte) fixture.in(FloppyPorts.DATA);
        }
        assertArrayEquals(content(4, 2 * SECTOR), read);
        assertEquals("20 00 00 01 00 01 02", fixture.take());

        fixture.give(0x45, 0, 0, 0, 5, 2, 5, 0x1B, 0xFF);
        for (int i = 0; i < SECTOR; i++) {
            assertEquals(0xB0, fixture.in(FloppyPorts.MAIN_STATUS));
            fixture.out(FloppyPorts.DATA, 0x77);
        }
        assertEquals("20 00 00 01 00 01 02", fixture.take());
        assertEquals(0x77, fixture.diskA.content[5 * SECTOR - 1]);
        assertEquals(FloppyFixture.content(5 * SECTOR), fixture.diskA.content[5 * SECTOR]);
    }

    @Test
    void shouldFormatATrackAndFillItsSectors() throws Exception {
        fixture.start();
        for (int i = 0; i < 18; i++) {
            fixture.memory.write(FloppyPorts.BUFFER + 4 * i, new byte[] {0, 1, (byte) (i + 1), 2});
        }
        fixture.program(FloppyPorts.FROM_MEMORY, 4 * 18);

        assertEquals("04 00 00", fixture.command(0x4D, 4, 2, 18, 0x50, 0xF6).substring(0, 8));
        byte[] expected = new byte[18 * SECTOR];
        Arrays.fill(expected, (byte) 0xF6);
        assertArrayEquals(expected, Arrays.copyOfRange(fixture.diskA.content, 18 * SECTOR, 36 * SECTOR));
        assertEquals(FloppyFixture.content(36 * SECTOR), fixture.diskA.content[36 * SECTOR]);
    }

    @Test
    void shouldRefuseToWriteAProtectedDisk() throws Exception {
        fixture = new FloppyFixture(FloppyFixture.SECTORS, true);
        fixture.start();
        fixture.program(FloppyPorts.FROM_MEMORY, 4 * 18);

        assertAll(() -> assertEquals("78", fixture.command(0x04, 0)),
                () -> assertEquals("60 02 00 00 00 01 02", transfer(0x45, 0, 0, 1)),
                () -> assertEquals("60 02 00", fixture.command(0x4D, 0, 2, 18, 0x50, 0xF6).substring(0, 8)),
                () -> assertArrayEquals(content(0, FloppyFixture.SECTORS * SECTOR), fixture.diskA.content));
    }

    @Test
    void shouldCompareWithADisk() throws Exception {
        fixture.start();
        fixture.memory.write(FloppyPorts.BUFFER, content(4, SECTOR));
        fixture.memory.writeByte(FloppyPorts.BUFFER + 9, (byte) 0xFF);
        fixture.program(FloppyPorts.FROM_MEMORY, SECTOR);
        assertEquals("00 00 08", fixture.command(0x51, 0, 0, 0, 5, 2, 5, 0x1B, 1).substring(0, 8));

        fixture.memory.write(FloppyPorts.BUFFER, content(4, SECTOR));
        fixture.program(FloppyPorts.FROM_MEMORY, SECTOR);
        assertEquals("20 00 04", fixture.command(0x51, 0, 0, 0, 6, 2, 6, 0x1B, 1).substring(0, 8));
        fixture.program(FloppyPorts.FROM_MEMORY, SECTOR);
        assertEquals("20 00 00", fixture.command(0x5D, 0, 0, 0, 6, 2, 6, 0x1B, 1).substring(0, 8));
    }

    /** Threat 74. */
    @Test
    void shouldEndATransferWhoseDiskIsPulled() throws Exception {
        fixture.start();
        fixture.program(FloppyPorts.TO_MEMORY, 18 * SECTOR);
        fixture.diskA.inRead = () -> {
            if (fixture.diskA.calls.size() == 3) {
                fixture.slotA.remove();
            }
        };

        assertEquals("40 00 00 00 00 04 02", transfer(0x46, 0, 0, 1));
        assertEquals(0x80, fixture.in(FloppyPorts.CHANGE));
        assertEquals("40 01", fixture.command(0x4A, 0).substring(0, 5));
    }

    @Test
    void shouldTellOfAChangedDiskUntilItsHeadsMove() throws Exception {
        fixture.start();
        fixture.command(0x0F, 0, 5);
        assertEquals(0, fixture.in(FloppyPorts.CHANGE));
        fixture.slotA.remove();
        assertEquals(0x80, fixture.in(FloppyPorts.CHANGE));
        fixture.command(0x0F, 0, 4);
        assertEquals(0x80, fixture.in(FloppyPorts.CHANGE), "no disk");

        MemoryDisk other = new MemoryDisk(1440);
        other.content[0] = 0x5A;
        fixture.insert(other);
        fixture.command(0x0F, 0, 4);
        assertEquals(0x80, fixture.in(FloppyPorts.CHANGE), "not moved");
        fixture.command(0x0F, 0, 0);
        fixture.command(0x08);

        assertEquals(0, fixture.in(FloppyPorts.CHANGE));
        assertEquals("40 01", fixture.command(0x4A, 0).substring(0, 5), "another rate");
        fixture.out(FloppyPorts.CHANGE, 2);
        fixture.program(FloppyPorts.TO_MEMORY, SECTOR);
        assertEquals("00 00 00 00 00 02 02", fixture.command(0x46, 0, 0, 0, 1, 2, 9, 0x1B, 0xFF));
        assertEquals(0x5A, fixture.memory.readByte(FloppyPorts.BUFFER));
    }

    /** Threat 71. */
    @Test
    void shouldForgetATransferThatIsReset() throws Exception {
        fixture.start();
        fixture.program(FloppyPorts.TO_MEMORY, 2 * SECTOR);
        fixture.diskA.inRead = () -> {
            fixture.diskA.inRead = () -> { };
            fixture.controller.writeByte(FloppyController.MAIN_STATUS_OFFSET, 0x80);
        };

        assertEquals("", transfer(0x46, 0, 0, 1));
        assertEquals(0x80, fixture.in(FloppyPorts.MAIN_STATUS));
        assertEquals("c0 00", fixture.command(0x08));
        assertEquals(0, fixture.memory.readInt(FloppyPorts.BUFFER));
        assertEquals(0, fixture.in(0x08) & 0xF0, "no request");
        assertEquals("00 00 00 00 00 03 02", transfer(0x46, 0, 0, 1));
    }

    @Test
    void shouldEndAReadThatTheHostFails() throws Exception {
        fixture.start();
        fixture.program(FloppyPorts.TO_MEMORY, SECTOR);
        fixture.diskA.failing = true;

        assertEquals("40 20 20 00 00 01 02", transfer(0x46, 0, 0, 1));
    }

    @Test
    void shouldGoOnFromAStateInMidCommand() throws Exception {
        fixture.start();
        fixture.command(0x94);
        fixture.command(0x12, 0x82);
        fixture.command(0x0F, 0, 7);
        fixture.program(FloppyPorts.TO_MEMORY, SECTOR);
        fixture.workers.hold();
        fixture.give(0x46, 0, 0, 0, 3, 2, 18, 0x1B, 0xFF);
        FloppyFixture other = new FloppyFixture();
        other.workers.hold();
        StateRoundTrip.copy(fixture.dma, other.dma);
        StateRoundTrip.copy(fixture.pages, other.pages);
        fixture.copyTo(other);

        other.workers.run();

        assertEquals("20 00 00 00 00 04 02", other.take());
        assertEquals(2, other.memory.readByte(FloppyPorts.BUFFER));
        assertEquals("00 00 00 00 00 00 12 88 60 00", other.command(0x0E));
    }

    @Test
    void shouldGoOnFromAStateInAResultAndInTheGuestsTurn() throws Exception {
        fixture.start();
        fixture.command(0x03, 0xDF, 0x03);
        fixture.give(0x46, 0, 0, 0, 3, 2, 3, 0x1B, 0xFF);
        for (int i = 0; i < 500; i++) {
            fixture.in(FloppyPorts.DATA);
        }
        FloppyFixture other = new FloppyFixture();
        fixture.copyTo(other);
        for (int i = 500; i < SECTOR; i++) {
            assertEquals(2, other.in(FloppyPorts.DATA));
        }
        other.in(FloppyPorts.DATA);
        FloppyFixture last = new FloppyFixture();
        other.copyTo(last);

        assertTrue(last.irq.level());
        assertEquals("00 00 01 00 01 02", last.take());
        assertFalse(last.irq.level());
    }
}
