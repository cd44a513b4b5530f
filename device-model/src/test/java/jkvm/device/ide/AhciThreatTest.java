package jkvm.device.ide;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import jkvm.device.pci.PciFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a hostile driver does to an AHCI controller: threats 70 to 74. */
@Timeout(60)
class AhciThreatTest {
    private static final int READ = 0x25;
    private static final int SECTOR = 512;
    private static final int FAILED = TaskFile.DRDY | TaskFile.ERR;

    private final AhciFixture ahci = new AhciFixture();

    private void assertWorksAfterAStop(int port) {
        ahci.port(port, AhciPort.COMMAND_OFFSET, 0);
        ahci.port(port, AhciPort.LINK_CONTROL_OFFSET, 1);
        ahci.port(port, AhciPort.LINK_CONTROL_OFFSET, 0);
        ahci.start(0);
        ahci.put(0, 0, READ, 0, 2, 1, AhciFixture.BUFFER, SECTOR);
        ahci.issue(0, 1);
        assertEquals(0, ahci.port(0, AhciPort.ISSUED_OFFSET));
        assertArrayEquals(Arrays.copyOfRange(ahci.drives.disk.content, 2 * SECTOR, 3 * SECTOR),
                ahci.bytes(AhciFixture.BUFFER, SECTOR));
    }

    private int errors() {
        return ahci.port(0, AhciPort.STATUS_OFFSET) & (AhciInterrupts.OVERFLOW_BIT | AhciInterrupts.BUS_ERROR_BIT
                | AhciInterrupts.INTERFACE_ERROR_BIT | AhciInterrupts.TASK_FILE_ERROR_BIT);
    }

    /** Threat 70. */
    @Test
    void shouldTellOfATableThatIsTooShort() {
        ahci.start(0);
        ahci.put(0, 0, READ, 0, 0, 4, AhciFixture.BUFFER, SECTOR);
        ahci.issue(0, 1);
        assertEquals(AhciInterrupts.OVERFLOW_BIT | AhciInterrupts.TASK_FILE_ERROR_BIT, errors());
        assertEquals(1, ahci.port(0, AhciPort.ISSUED_OFFSET));
        assertWorksAfterAStop(0);
    }

    /** Threat 70: regions, tables, lists that are registers or nothing; frames go nowhere then. */
    @Test
    void shouldTellOfAddressesOutsideRam() {
        for (long address : new long[] {0xFEE00000L, AhciFixture.MEMORY_SIZE, -SECTOR, Long.MIN_VALUE}) {
            ahci.start(0);
            ahci.put(0, 0, READ, 0, 0, 1, address, SECTOR);
            ahci.issue(0, 1);
            assertEquals(AhciInterrupts.BUS_ERROR_BIT | AhciInterrupts.TASK_FILE_ERROR_BIT, errors());
            ahci.put(0, 0, READ, 0, 0, 1);
            ahci.memory.writeLong(AhciFixture.LIST + 8, address);
            ahci.port(0, AhciPort.COMMAND_OFFSET, 0);
            ahci.start(0);
            ahci.issue(0, 1);
            assertEquals(AhciInterrupts.BUS_ERROR_BIT, errors());
            assertWorksAfterAStop(0);
            ahci.port(0, AhciPort.LIST_OFFSET + 4, -1);
            ahci.port(0, AhciPort.AREA_OFFSET + 4, -1);
            ahci.issue(0, 1);
            assertEquals(AhciInterrupts.BUS_ERROR_BIT, errors());
            ahci.write(AhciHost.CONTROL_OFFSET, AhciHost.RESET_BIT);
        }
    }

    /** Threat 70: 65535 entries, of which each is the table itself. */
    @Test
    void shouldEndATableOfItself() {
        ahci.start(0);
        ahci.put(0, 0, READ, 0, 0, AtaDrives.SECTORS);
        int table = AhciFixture.table(0, 0) + 0x80;
        ahci.memory.writeInt(AhciFixture.LIST, 5 | 0xFFFF << 16);
        ahci.memory.writeLong(table, table);
        ahci.issue(0, 1);
        assertEquals(0, ahci.port(0, AhciPort.TASK_FILE_OFFSET) & TaskFile.BSY);
    }

    /** Threat 70. */
    @Test
    void shouldNotTouchMemoryUntilTheGuestLetsIt() {
        ahci.start(0);
        ahci.pci.write(PciFunction.COMMAND_OFFSET, 2, 2);
        ahci.put(0, 0, READ, 0, 0, 1, AhciFixture.BUFFER, SECTOR);
        ahci.issue(0, 1);
        assertEquals(AhciInterrupts.BUS_ERROR_BIT, errors());
        assertArrayEquals(new byte[SECTOR], ahci.bytes(AhciFixture.BUFFER, SECTOR));
    }

    /** Threat 71: other frames than those of registers, and lengths that are none. */
    @Test
    void shouldRefuseFramesThatNoDriveTakes() {
        for (int[] each : new int[][] {{0x46, 5}, {0x27, 0}, {0x27, 4}, {0, 31}}) {
            ahci.start(0);
            ahci.put(0, 0, READ, 0, 0, 1, AhciFixture.BUFFER, SECTOR);
            ahci.memory.writeByte(AhciFixture.table(0, 0), (byte) each[0]);
            ahci.memory.writeInt(AhciFixture.LIST, each[1] | 1 << 16);
            ahci.issue(0, 1);
            assertEquals(AhciInterrupts.INTERFACE_ERROR_BIT, errors());
            assertWorksAfterAStop(0);
            ahci.port(0, AhciPort.COMMAND_OFFSET, 0);
        }
    }

    /** Threat 71: stopped, its link reset, the controller reset, while the worker is in the disk. */
    @Test
    void shouldWaitWithAResetForTheWorker() {
        Runnable[] ends = {() -> ahci.port(0, AhciPort.COMMAND_OFFSET, 0), () -> {
            ahci.port(0, AhciPort.LINK_CONTROL_OFFSET, 1);
            ahci.port(0, AhciPort.LINK_CONTROL_OFFSET, 0);
        }, () -> ahci.write(AhciHost.CONTROL_OFFSET, AhciHost.RESET_BIT)};
        for (Runnable end : ends) {
            ahci.start(0);
            ahci.drives.disk.inRead = () -> {
                end.run();
                assertEquals(AhciPort.LIST_RUNNING_BIT, ahci.port(0, AhciPort.COMMAND_OFFSET)
                        & AhciPort.LIST_RUNNING_BIT);
            };
            ahci.put(0, 0, READ, 0, 0, 2, AhciFixture.BUFFER, SECTOR, AhciFixture.BUFFER, SECTOR);
            ahci.issue(0, 1);
            ahci.drives.disk.inRead = () -> { };
            assertEquals(0, errors());
            assertEquals(AhciFixture.READY, ahci.port(0, AhciPort.TASK_FILE_OFFSET) & 0xFF);
            assertWorksAfterAStop(0);
            ahci.port(0, AhciPort.COMMAND_OFFSET, 0);
        }
    }

    /** Threat 71: commands for a port without a drive, and for one that is not started. */
    @Test
    void shouldAnswerNothingForADriveThatIsNotThere() {
        ahci.put(0, 0, READ, 0, 0, 1, AhciFixture.BUFFER, SECTOR);
        ahci.issue(0, 1);
        assertEquals(0, ahci.port(0, AhciPort.ISSUED_OFFSET));
        ahci.start(5);
        ahci.issue(5, -1);
        assertEquals(0x7F, ahci.port(5, AhciPort.TASK_FILE_OFFSET));
        assertEquals(0, ahci.port(5, AhciPort.STATUS_OFFSET));
    }

    /** Threat 72. */
    @Test
    void shouldRefuseSectorsPastTheEnd() {
        for (long[] each : new long[][] {{AtaDrives.SECTORS, 1}, {AtaDrives.SECTORS - 1, 2}, {0, 0},
            {0xFFFFFFFFFFFFL, 0xFFFF}}) {
            ahci.start(0);
            ahci.put(0, 0, READ, 0, each[0], (int) each[1], AhciFixture.BUFFER, SECTOR);
            ahci.issue(0, 1);
            assertEquals(TaskFile.IDNF << 8 | FAILED, ahci.port(0, AhciPort.TASK_FILE_OFFSET));
            ahci.port(0, AhciPort.COMMAND_OFFSET, 0);
        }
    }

    /** Threat 73: an unknown packet; more bytes than there is room for; no room at all. */
    @Test
    void shouldRefusePacketsThatCannotBe() {
        byte[] read = {0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0};
        byte[] unknown = {(byte) 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        for (byte[] packet : new byte[][] {unknown, read}) {
            ahci.start(1);
            ahci.packet(packet, AhciFixture.BUFFER, 2048);
            assertEquals(FAILED, ahci.port(1, AhciPort.TASK_FILE_OFFSET) & 0xFF);
            assertWorksAfterAStop(1);
        }
    }

    /** Threat 74. */
    @Test
    void shouldEndAReadWhoseMediumIsPulled() {
        ahci.start(1);
        ahci.drives.disc.inRead = () -> ahci.drives.slot.remove();
        ahci.packet(new byte[] {0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0}, AhciFixture.BUFFER, 2048,
                AhciFixture.BUFFER, 6144);
        assertEquals(0x20 << 8 | FAILED, ahci.port(1, AhciPort.TASK_FILE_OFFSET));
    }

    /** Threats 70 to 74: registers, lists and tables at random, with the worker at any moment. */
    @Test
    void shouldSurviveRandomDrivers() {
        int count = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 60_000;
        for (long seed = 1; seed <= 2; seed++) {
            AhciFixture fixture = new AhciFixture();
            new RandomAhciDriver(fixture, seed).run(count / 2);
            fixture.drives.disk.failing = false;
            fixture.drives.disk.inRead = () -> { };
            fixture.workers.run();
            fixture.enable();
            fixture.write(AhciHost.CONTROL_OFFSET, AhciHost.RESET_BIT);
            fixture.start(0);
            fixture.put(0, 0, READ, 0, 3, 1, AhciFixture.BUFFER, SECTOR);
            fixture.issue(0, 1);
            fixture.workers.run();
            assertEquals(0, fixture.port(0, AhciPort.ISSUED_OFFSET), "it works after a reset, seed " + seed);
        }
    }
}
