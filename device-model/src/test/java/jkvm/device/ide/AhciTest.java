package jkvm.device.ide;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import jkvm.bus.StateRoundTrip;
import org.junit.jupiter.api.Test;

class AhciTest {
    private static final int READ_DMA_EXT = 0x25;
    private static final int WRITE_DMA_EXT = 0x35;
    private static final int IDENTIFY = 0xEC;
    private static final int READ_QUEUED = 0x60;
    private static final int WRITE_QUEUED = 0x61;
    private static final int SECTOR = 512;

    private final AhciFixture ahci = new AhciFixture();

    private byte[] sectors(int first, int count) {
        return Arrays.copyOfRange(ahci.drives.disk.content, first * SECTOR, (first + count) * SECTOR);
    }

    @Test
    void shouldTellWhatItIs() {
        assertEquals(0x29228086, ahci.pci.read(0, 4));
        assertEquals(0x010601, ahci.pci.read(9, 3) & 0xFFFFFF);
        assertEquals(0xC0141F05, ahci.read(AhciHost.CAPABILITIES_OFFSET));
        assertEquals(0x3F, ahci.read(AhciHost.PORTS_OFFSET));
        assertEquals(0x113, ahci.port(0, AhciPort.LINK_STATUS_OFFSET));
        assertEquals(0x101, ahci.port(0, AhciPort.SIGNATURE_OFFSET));
        assertEquals(0xEB140101, ahci.port(1, AhciPort.SIGNATURE_OFFSET));
        assertEquals(0x7F, ahci.port(2, AhciPort.TASK_FILE_OFFSET));
        assertEquals(0, ahci.port(2, AhciPort.LINK_STATUS_OFFSET));
        assertEquals(-1, ahci.port(2, AhciPort.SIGNATURE_OFFSET));
    }

    @Test
    void shouldReachItsRegistersByIndexAndData() {
        ahci.pci.write(0x20, 4, 0xC000);
        ahci.pci.ports.dispatchWrite(0xC010, 4, AhciController.PORTS_OFFSET + AhciPort.LINK_STATUS_OFFSET);
        assertEquals(0x113, ahci.pci.ports.dispatchRead(0xC014, 4));
    }

    @Test
    void shouldIdentifyTheDiskByPioAndTellOfItsQueue() {
        ahci.start(0);
        ahci.put(0, 3, IDENTIFY, 0, 0, 0, AhciFixture.BUFFER, SECTOR);
        ahci.issue(0, 1 << 3);
        assertEquals(0, ahci.port(0, AhciPort.ISSUED_OFFSET));
        assertEquals(AhciInterrupts.PIO_SETUP_BIT, ahci.port(0, AhciPort.STATUS_OFFSET));
        assertTrue(ahci.interrupts());
        assertEquals(0x5F, ahci.frame(0, ReceivedFis.PIO_SETUP_OFFSET));
        assertEquals(AhciFixture.READY, ahci.frame(0, ReceivedFis.PIO_SETUP_OFFSET + 15));
        assertEquals(31, ahci.memory.readShort(AhciFixture.BUFFER + 75 * 2));
        assertEquals(1 << 8, ahci.memory.readShort(AhciFixture.BUFFER + 76 * 2));
        assertEquals(SECTOR, ahci.memory.readInt(AhciFixture.LIST + 3 * 32 + 4), "bytes that moved");
    }

    @Test
    void shouldReadAndWriteByDma() {
        ahci.start(0);
        ahci.put(0, 0, READ_DMA_EXT, 0, 7, 4, AhciFixture.BUFFER, 1024, AhciFixture.BUFFER + 0x2000, 1024);
        ahci.put(0, 1, WRITE_DMA_EXT, 0, 100, 2, AhciFixture.BUFFER, 1024);
        ahci.issue(0, 3);
        assertArrayEquals(sectors(7, 2), ahci.bytes(AhciFixture.BUFFER, 1024));
        assertArrayEquals(sectors(9, 2), ahci.bytes(AhciFixture.BUFFER + 0x2000, 1024));
        assertArrayEquals(sectors(7, 2), sectors(100, 2));
        assertEquals(AhciInterrupts.REGISTERS_BIT, ahci.port(0, AhciPort.STATUS_OFFSET));
        assertEquals(0x34, ahci.frame(0, ReceivedFis.REGISTERS_OFFSET));
        assertEquals(AhciFixture.READY, ahci.port(0, AhciPort.TASK_FILE_OFFSET));
    }

    @Test
    void shouldInterruptUntilPortAndHostAreCleared() {
        ahci.start(0);
        ahci.put(0, 0, READ_DMA_EXT, 0, 0, 1, AhciFixture.BUFFER, SECTOR);
        ahci.issue(0, 1);
        ahci.write(AhciHost.STATUS_OFFSET, 1);
        assertTrue(ahci.interrupts(), "the port still asks");
        ahci.port(0, AhciPort.STATUS_OFFSET, -1);
        ahci.write(AhciHost.STATUS_OFFSET, 1);
        assertFalse(ahci.interrupts());
    }

    @Test
    void shouldSendAMessageForEachCommand() {
        ahci.start(0);
        ahci.pci.write(0x84, 4, 0xFEE00000L);
        ahci.pci.write(0x8C, 2, 0x41);
        ahci.pci.write(0x82, 2, 1);
        for (int i = 0; i < 2; i++) {
            ahci.put(0, 0, READ_DMA_EXT, 0, 0, 1, AhciFixture.BUFFER, SECTOR);
            ahci.issue(0, 1);
            assertEquals(1, ahci.messages.take().size());
            ahci.port(0, AhciPort.STATUS_OFFSET, -1);
            ahci.write(AhciHost.STATUS_OFFSET, 1);
        }
    }

    @Test
    void shouldCarryOutAQueue() {
        ahci.start(0);
        ahci.workers.hold();
        for (int slot = 0; slot < AhciSlots.COUNT; slot++) {
            ahci.put(0, slot, READ_QUEUED, 1, 10 + slot, slot << 3, AhciFixture.BUFFER + slot * SECTOR, SECTOR);
        }
        ahci.port(0, AhciPort.QUEUED_OFFSET, -1);
        ahci.issue(0, -1);
        assertEquals(-1, ahci.port(0, AhciPort.QUEUED_OFFSET));
        ahci.workers.run();
        assertEquals(0, ahci.port(0, AhciPort.QUEUED_OFFSET));
        assertEquals(0, ahci.port(0, AhciPort.ISSUED_OFFSET));
        assertArrayEquals(sectors(10, 32), ahci.bytes(AhciFixture.BUFFER, 32 * SECTOR));
        assertEquals(AhciInterrupts.SET_BITS_BIT, ahci.port(0, AhciPort.STATUS_OFFSET));
        assertEquals(0xA1, ahci.frame(0, ReceivedFis.SET_BITS_OFFSET));
    }

    @Test
    void shouldFlushAfterAQueuedWriteThatIsForced() {
        ahci.start(0);
        ahci.drives.disk.calls.clear();
        ahci.put(0, 0, WRITE_QUEUED, 1, 5, 0, AhciFixture.BUFFER, SECTOR);
        ahci.memory.writeByte(AhciFixture.table(0, 0) + 7, (byte) 0xC0);
        ahci.port(0, AhciPort.QUEUED_OFFSET, 1);
        ahci.issue(0, 1);
        assertEquals(List.of("write", "flush"), ahci.drives.disk.calls);
    }

    @Test
    void shouldStopTheQueueAtAnErrorUntilThePortIsStopped() {
        ahci.start(0);
        ahci.workers.hold();
        ahci.put(0, 0, READ_QUEUED, 1, AtaDrives.SECTORS, 0, AhciFixture.BUFFER, SECTOR);
        ahci.put(0, 1, READ_QUEUED, 1, 0, 1 << 3, AhciFixture.BUFFER, SECTOR);
        ahci.port(0, AhciPort.QUEUED_OFFSET, 3);
        ahci.issue(0, 3);
        ahci.workers.run();
        assertEquals(AhciInterrupts.SET_BITS_BIT | AhciInterrupts.TASK_FILE_ERROR_BIT,
                ahci.port(0, AhciPort.STATUS_OFFSET));
        assertEquals(TaskFile.IDNF << 8 | TaskFile.DRDY | TaskFile.ERR, ahci.port(0, AhciPort.TASK_FILE_OFFSET));
        assertEquals(3, ahci.port(0, AhciPort.QUEUED_OFFSET));
        assertEquals(2, ahci.port(0, AhciPort.ISSUED_OFFSET));
        ahci.port(0, AhciPort.COMMAND_OFFSET, AhciPort.RECEIVE_BIT);
        assertEquals(0, ahci.port(0, AhciPort.QUEUED_OFFSET) | ahci.port(0, AhciPort.ISSUED_OFFSET));
        assertEquals(0, ahci.port(0, AhciPort.COMMAND_OFFSET) & AhciPort.LIST_RUNNING_BIT);
    }

    @Test
    void shouldTakePackets() {
        ahci.start(1);
        byte[] read = {0x28, 0, 0, 0, 0, 3, 0, 0, 2, 0, 0, 0};
        ahci.packet(read, AhciFixture.BUFFER, 4096);
        assertArrayEquals(Arrays.copyOfRange(ahci.drives.disc.content, 3 * 2048, 5 * 2048),
                ahci.bytes(AhciFixture.BUFFER, 4096));
        assertEquals(0, ahci.port(1, AhciPort.ISSUED_OFFSET));
    }

    @Test
    void shouldResetTheDriveWithTheLink() {
        ahci.start(0);
        ahci.port(0, AhciPort.COMMAND_OFFSET, AhciPort.RECEIVE_BIT);
        ahci.port(0, AhciPort.LINK_CONTROL_OFFSET, 0x301);
        assertEquals(0, ahci.port(0, AhciPort.LINK_STATUS_OFFSET));
        assertEquals(0x7F, ahci.port(0, AhciPort.TASK_FILE_OFFSET));
        ahci.port(0, AhciPort.LINK_CONTROL_OFFSET, 0x300);
        assertEquals(0x113, ahci.port(0, AhciPort.LINK_STATUS_OFFSET));
        assertEquals(TaskFile.DIAGNOSTIC_PASSED << 8 | AhciFixture.READY, ahci.port(0, AhciPort.TASK_FILE_OFFSET));
        assertEquals(AhciInterrupts.CONNECT_BIT | AhciInterrupts.PHY_READY_BIT, ahci.port(0, AhciPort.STATUS_OFFSET));
        ahci.port(0, AhciPort.STATUS_OFFSET, -1);
        assertEquals(AhciInterrupts.CONNECT_BIT | AhciInterrupts.PHY_READY_BIT, ahci.port(0, AhciPort.STATUS_OFFSET));
        ahci.port(0, AhciPort.LINK_ERROR_OFFSET, -1);
        assertEquals(0, ahci.port(0, AhciPort.STATUS_OFFSET));
    }

    @Test
    void shouldResetTheDriveByTwoFrames() {
        ahci.start(1);
        for (int control : new int[] {IdeChannel.SOFT_RESET_BIT, 0}) {
            ahci.put(1, 0, 0, 0, 0, 0);
            ahci.memory.writeByte(AhciFixture.table(1, 0) + 1, (byte) 0);
            ahci.memory.writeByte(AhciFixture.table(1, 0) + 15, (byte) control);
            ahci.issue(1, 1);
            assertEquals(0, ahci.port(1, AhciPort.ISSUED_OFFSET));
        }
        assertEquals(0x14, ahci.frame(1, ReceivedFis.REGISTERS_OFFSET + 5));
        assertEquals(0xEB, ahci.frame(1, ReceivedFis.REGISTERS_OFFSET + 6));
        assertEquals(1, ahci.frame(1, ReceivedFis.REGISTERS_OFFSET + 3));
    }

    @Test
    void shouldForgetAllAtAHostReset() {
        ahci.start(0);
        ahci.write(AhciHost.CONTROL_OFFSET, AhciHost.RESET_BIT);
        assertEquals(AhciHost.AHCI_BIT, ahci.read(AhciHost.CONTROL_OFFSET));
        assertEquals(0, ahci.port(0, AhciPort.LIST_OFFSET));
        assertEquals(0, ahci.port(0, AhciPort.COMMAND_OFFSET) & AhciPort.START_BIT);
        assertEquals(0x113, ahci.port(0, AhciPort.LINK_STATUS_OFFSET));
    }

    @Test
    void shouldGoOnWithItsQueueInAnotherMachine() {
        ahci.start(0);
        ahci.workers.hold();
        for (int slot = 0; slot < 3; slot++) {
            ahci.put(0, slot, READ_QUEUED, 1, slot, slot << 3, AhciFixture.BUFFER + slot * SECTOR, SECTOR);
        }
        ahci.port(0, AhciPort.QUEUED_OFFSET, 7);
        ahci.issue(0, 7);
        AhciFixture other = new AhciFixture();
        other.workers.hold();
        other.memory.write(0, ahci.bytes(0, AhciFixture.MEMORY_SIZE));
        StateRoundTrip.load(other.drives.hardDisk, StateRoundTrip.save(ahci.drives.hardDisk));
        StateRoundTrip.copy(ahci.controller, other.controller);
        other.workers.run();
        assertArrayEquals(sectors(0, 3), other.bytes(AhciFixture.BUFFER, 3 * SECTOR));
        assertEquals(0, other.port(0, AhciPort.QUEUED_OFFSET));
        assertTrue(other.interrupts());
    }
}
