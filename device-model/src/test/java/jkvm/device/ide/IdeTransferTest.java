package jkvm.device.ide;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jkvm.bus.StateRoundTrip;
import jkvm.state.StateBuffer;
import org.junit.jupiter.api.Test;

/** Reads and writes of a polling driver, of one that waits for interrupts, and by the bus master. */
class IdeTransferTest {
    private static final int READY = TaskFile.DRDY | TaskFile.DSC;
    private static final int LBA = 0xE0;

    private final IdeFixture ide = new IdeFixture();

    private byte[] sectors(int first, int count) {
        return Arrays.copyOfRange(ide.disk.content, first * 512, (first + count) * 512);
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @Test
    void shouldReadSectorsByWordsDoublewordsAndBytes() throws Exception {
        for (int size : new int[] {1, 2, 4}) {
            ide.command(IdePorts.PRIMARY, 0, 2, 7, LBA, 0x20);
            byte[] read = new byte[1024];
            for (int i = 0; i < read.length; i += Math.max(2, size)) {
                assertEquals(READY | TaskFile.DRQ, ide.status(IdePorts.PRIMARY));
                long value = ide.in(IdePorts.PRIMARY, size);
                for (int b = 0; b < size; b++) {
                    read[i + b] = (byte) (value >> 8 * b);
                }
            }
            assertEquals(READY, ide.status(IdePorts.PRIMARY));
            byte[] expected = sectors(7, 2);
            if (size == 1) {
                // A byte's access takes the word.
                for (int i = 1; i < expected.length; i += 2) {
                    expected[i] = 0;
                }
            }
            assertArrayEquals(expected, read, size + " bytes");
        }
    }

    /** One interrupt for each block that can be read, none at the end. */
    @Test
    void shouldInterruptOnceForEachBlock() throws Exception {
        for (int[] each : new int[][] {{0x20, 1}, {0x24, 1}, {0xC4, 16}, {0x29, 16}}) {
            ide.irq.clear();
            ide.command(IdePorts.PRIMARY, 0, 32, 100, LBA, each[0]);
            byte[] read = ide.readBlocks(IdePorts.PRIMARY, each[1] * 512, 32 * 512);
            assertArrayEquals(sectors(100, 32), read);
            assertEquals(32 / each[1], ide.irq.edges());
            assertFalse(ide.irq.level());
        }
    }

    @Test
    void shouldWriteSectorsAndInterruptAfterEach() throws Exception {
        byte[] data = random(4 * 512);
        ide.command(IdePorts.PRIMARY, 0, 4, 50, LBA, 0x30);
        for (int i = 0; i < 4; i++) {
            assertEquals(i, ide.irq.edges());
            assertEquals(READY | TaskFile.DRQ, ide.status(IdePorts.PRIMARY));
            ide.writeBlock(IdePorts.PRIMARY, data, i * 512, 512);
        }
        assertEquals("status 50 00 00 36 00 00 e0", ide.registers(IdePorts.PRIMARY));
        assertEquals(4, ide.irq.edges());
        assertArrayEquals(data, sectors(50, 4));
        assertFalse(ide.disk.calls.contains("flush"));
    }

    @Test
    void shouldSaveWritesAtOnceWithoutAWriteCache() throws Exception {
        ide.command(IdePorts.PRIMARY, 0x82, 0, 0, LBA, 0xEF);
        ide.disk.calls.clear();
        ide.command(IdePorts.PRIMARY, 0, 1, 5, LBA, 0x34);
        ide.writeBlock(IdePorts.PRIMARY, random(512), 0, 512);
        assertEquals(List.of("write", "flush"), ide.disk.calls);
    }

    @Test
    void shouldMoveSectorsByTheBusMaster() throws Exception {
        byte[] data = random(9 * 512);
        ide.writeMemory(IdePorts.BUFFER, data);
        ide.table(IdePorts.BUFFER, 1000, IdePorts.BUFFER + 1000, 9 * 512 - 1000);
        ide.command(IdePorts.PRIMARY, 0, 9, 200, LBA, 0x35);
        assertEquals(READY | TaskFile.DRQ, ide.status(IdePorts.PRIMARY));
        ide.startMaster(false);
        assertEquals(READY, ide.status(IdePorts.PRIMARY));
        assertEquals(BusMaster.INTERRUPT_BIT, ide.in(IdePorts.MASTER + 2, 1));
        assertEquals(1, ide.irq.edges());
        ide.stopMaster();
        assertArrayEquals(data, sectors(200, 9));

        ide.table(IdePorts.BUFFER, 0);
        ide.startMaster(true);
        ide.command(IdePorts.PRIMARY, 0, 9, 300, LBA, 0xC8);
        assertArrayEquals(sectors(300, 9), ide.readMemory(IdePorts.BUFFER, 9 * 512));
        assertEquals(BusMaster.INTERRUPT_BIT | BusMaster.ACTIVE_BIT, ide.in(IdePorts.MASTER + 2, 1),
                "the table is longer than the transfer");
        ide.stopMaster();
        assertEquals(BusMaster.INTERRUPT_BIT, ide.in(IdePorts.MASTER + 2, 1));
    }

    @Test
    void shouldAddressByCylinderHeadAndSector() throws Exception {
        int sector = (3 * 16 + 2) * 63 + 5 - 1;
        ide.command(IdePorts.PRIMARY, 0, 1, 3 << 8 | 5, 0xA2, 0x20);
        assertArrayEquals(sectors(sector, 1), ide.readBlocks(IdePorts.PRIMARY, 512, 512));
        ide.command(IdePorts.PRIMARY, 0, 17, 0, 0xA3, 0x91);
        ide.command(IdePorts.PRIMARY, 0, 1, 3 << 8 | 5, 0xA2, 0x20);
        assertArrayEquals(sectors((3 * 4 + 2) * 17 + 4, 1), ide.readBlocks(IdePorts.PRIMARY, 512, 512));
        ide.command(IdePorts.PRIMARY, 0, 1, 3 << 8, 0xA2, 0x20);
        assertEquals(TaskFile.DRDY | TaskFile.ERR, ide.status(IdePorts.PRIMARY));
        assertEquals(TaskFile.IDNF, ide.in(IdePorts.PRIMARY + TaskFile.ERROR, 1));
    }

    @Test
    void shouldReadDiscsByPacketsOfAnySize() throws Exception {
        byte[] expected = Arrays.copyOfRange(ide.disc.content, 3 * 2048, 8 * 2048);
        for (int limit : new int[] {2048, 0xFFFF, 100, 4097}) {
            ide.packet(0, limit, 0x28, 0, 0, 0, 0, 3, 0, 0, 5);
            byte[] read = new byte[5 * 2048];
            int at = 0;
            while ((ide.status(IdePorts.SECONDARY) & TaskFile.DRQ) != 0) {
                int block = (int) (ide.in(IdePorts.SECONDARY + 4, 1) | ide.in(IdePorts.SECONDARY + 5, 1) << 8);
                assertTrue(block <= limit && block > 0, limit + ": " + block);
                assertEquals(2, ide.in(IdePorts.SECONDARY + TaskFile.COUNT, 1) & 7);
                for (int i = 0; i < block; i += 2) {
                    long word = ide.in(IdePorts.SECONDARY, 2);
                    read[at++] = (byte) word;
                    read[at++] = (byte) (word >> 8);
                }
            }
            assertEquals(3, ide.in(IdePorts.SECONDARY + TaskFile.COUNT, 1) & 7);
            assertArrayEquals(expected, read, "limit " + limit);
        }
    }

    @Test
    void shouldReadDiscsByTheBusMaster() throws Exception {
        ide.table(IdePorts.BUFFER, 4096);
        ide.out(IdePorts.MASTER + 8 + 4, 4, IdePorts.TABLE);
        ide.out(IdePorts.MASTER + 8, 1, BusMaster.TO_MEMORY_BIT | BusMaster.START_BIT);
        ide.packet(1, 0, 0x28, 0, 0, 0, 0, 9, 0, 0, 2);
        assertEquals(READY, ide.status(IdePorts.SECONDARY));
        assertEquals(BusMaster.INTERRUPT_BIT, ide.in(IdePorts.MASTER + 8 + 2, 1));
        assertArrayEquals(Arrays.copyOfRange(ide.disc.content, 9 * 2048, 11 * 2048),
                ide.readMemory(IdePorts.BUFFER, 4096));
    }

    @Test
    void shouldTellOfErrorsByTheSenseKey() throws Exception {
        ide.packet(0, 2048, 0x28, 0, 0, 0, 3, 0, 0, 0, 1);
        assertEquals(TaskFile.DRDY | TaskFile.ERR, ide.status(IdePorts.SECONDARY));
        assertEquals(0x50, ide.in(IdePorts.SECONDARY + TaskFile.ERROR, 1));
        ide.packet(0, 18, 0x03, 0, 0, 0, 18);
        byte[] sense = ide.readBlocks(IdePorts.SECONDARY, 18, 18);
        assertEquals(5, sense[2]);
        assertEquals(0x21, sense[12]);
    }

    /** A machine saved in the middle of a transfer goes on with the next byte. */
    @Test
    void shouldGoOnWithASavedTransfer() throws Exception {
        ide.command(IdePorts.PRIMARY, 0, 3, 20, LBA, 0x20);
        byte[] read = new byte[3 * 512];
        for (int i = 0; i < 700; i += 2) {
            long word = ide.in(IdePorts.PRIMARY, 2);
            read[i] = (byte) word;
            read[i + 1] = (byte) (word >> 8);
        }
        IdeFixture other = new IdeFixture();
        StateRoundTrip.copy(ide.hardDisk, other.hardDisk);
        StateBuffer state = new StateBuffer("ide");
        ide.primary.save(state);
        other.primary.load(new StateBuffer("ide", state.toByteArray()));
        for (int i = 700; i < read.length; i += 2) {
            long word = other.in(IdePorts.PRIMARY, 2);
            read[i] = (byte) word;
            read[i + 1] = (byte) (word >> 8);
        }
        assertArrayEquals(sectors(20, 3), read);
        assertEquals(READY, other.status(IdePorts.PRIMARY));
    }

    @Test
    void shouldGoOnWithASavedBusMasterTransferThatWaits() throws Exception {
        ide.workers.hold();
        ide.table(IdePorts.BUFFER, 512);
        ide.command(IdePorts.PRIMARY, 0, 1, 20, LBA, 0xC8);
        ide.startMaster(true);
        IdeFixture other = new IdeFixture();
        other.writeMemory(IdePorts.TABLE, ide.readMemory(IdePorts.TABLE, 8));
        StateRoundTrip.copy(ide.hardDisk, other.hardDisk);
        StateBuffer state = new StateBuffer("ide");
        ide.primary.save(state);
        other.primary.load(new StateBuffer("ide", state.toByteArray()));

        assertTrue(other.irq.level());
        assertArrayEquals(sectors(20, 1), other.readMemory(IdePorts.BUFFER, 512));
    }

    @Test
    void shouldKeepADisabledInterruptToItself() throws Exception {
        ide.out(0x3F6, 1, IdeChannel.NO_INTERRUPT_BIT);
        ide.command(IdePorts.PRIMARY, 0, 1, 0, LBA, 0x20);
        assertEquals(0, ide.irq.edges());
        ide.readBlocks(IdePorts.PRIMARY, 512, 512);
        ide.out(0x3F6, 1, 0);
        ide.command(IdePorts.PRIMARY, 0, 1, 0, LBA, 0x20);
        assertTrue(ide.irq.level());
        ide.in(0x3F6, 1);
        assertTrue(ide.irq.level(), "the alternate status leaves it");
        ide.in(IdePorts.PRIMARY + 7, 1);
        assertFalse(ide.irq.level());
    }

    @Test
    void shouldDiscardTheRangesOfTrim() throws Exception {
        byte[] ranges = new byte[512];
        ranges[0] = 100;
        ranges[6] = 8;
        ranges[8] = (byte) 200;
        ranges[14] = 2;
        ide.writeMemory(IdePorts.BUFFER, ranges);
        ide.table(IdePorts.BUFFER, 512);
        ide.command(IdePorts.PRIMARY, 1, 1, 0, LBA, 0x06);
        ide.startMaster(false);
        assertEquals(READY, ide.status(IdePorts.PRIMARY));
        assertEquals(List.of("discard 51200+4096", "discard 102400+1024"), ide.disk.calls.stream()
                .filter(call -> call.startsWith("discard")).toList());
    }
}
