package jkvm.device.ide;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.memory.WriteWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a hostile driver does: threats 70 to 74. */
@Timeout(60)
class IdeThreatTest {
    /** Of a random driver's memory. */
    private static final int LOOKS = 100;
    private static final int READY = TaskFile.DRDY | TaskFile.DSC;
    private static final int LBA = 0xE0;
    private static final int BASE = IdePorts.PRIMARY;

    private final IdeFixture ide = new IdeFixture();

    private int masterStatus() {
        return (int) ide.in(IdePorts.MASTER + BusMaster.STATUS_OFFSET, 1);
    }

    private void read(int count) throws Exception {
        ide.command(BASE, 0, count, 0, LBA, 0xC8);
        ide.startMaster(true);
    }

    /** Threat 70: the drive waits for more, and does not interrupt. */
    @Test
    void shouldNotInterruptForATableThatIsTooShort() throws Exception {
        ide.table(IdePorts.BUFFER, 512);
        read(4);
        assertEquals(READY, ide.status(BASE));
        assertEquals(0, masterStatus());
        assertEquals(0, ide.irq.edges());
    }

    /** Threat 70: a table in the last page of RAM, without an end, and one that fills 64 KiB with entries of itself. */
    @Test
    void shouldEndTablesThatDoNot() throws Exception {
        ide.out(IdePorts.MASTER + 4, 4, IdeFixture.MEMORY_SIZE - 8);
        ide.command(BASE, 0, 256, 0, LBA, 0xC8);
        ide.out(IdePorts.MASTER, 1, BusMaster.TO_MEMORY_BIT | BusMaster.START_BIT);
        assertTrue((ide.status(BASE) & (TaskFile.BSY | TaskFile.DRQ)) == 0);

        byte[] entries = new byte[0x10000];
        for (int i = 0; i < entries.length; i += 8) {
            entries[i + 2] = 2;
            entries[i + 4] = 2;
        }
        ide.stopMaster();
        ide.writeMemory(0x20000, entries);
        ide.out(IdePorts.MASTER + 4, 4, 0x20000);
        ide.command(BASE, 0, 0x1000, 0, LBA, 0x25);
        ide.out(IdePorts.MASTER, 1, BusMaster.TO_MEMORY_BIT | BusMaster.START_BIT);
        assertTrue((ide.status(BASE) & (TaskFile.BSY | TaskFile.DRQ)) == 0);
    }

    /** Threat 70: addresses that are registers or nothing, and a table there. */
    @Test
    void shouldTellOfAddressesOutsideRam() throws Exception {
        for (long address : new long[] {0xFEE00000L, IdeFixture.MEMORY_SIZE - 256, 0xFFFFFFFEL}) {
            ide.table(address, 512);
            read(1);
            assertEquals(TaskFile.DRDY | TaskFile.ERR, ide.status(BASE));
            assertEquals(BusMaster.ERROR_BIT | BusMaster.INTERRUPT_BIT, masterStatus());
            ide.stopMaster();
        }
        ide.out(IdePorts.MASTER + 4, 4, 0xFEC00000L);
        ide.out(IdePorts.MASTER + 2, 1, 6);
        ide.command(BASE, 0, 1, 0, LBA, 0xC8);
        ide.out(IdePorts.MASTER, 1, BusMaster.START_BIT | BusMaster.TO_MEMORY_BIT);
        assertEquals(BusMaster.ERROR_BIT | BusMaster.INTERRUPT_BIT, masterStatus());
    }

    @Test
    void shouldNotTouchMemoryUntilTheGuestLetsIt() throws Exception {
        ide.mayMaster = false;
        ide.table(IdePorts.BUFFER, 512);
        read(1);
        assertEquals(TaskFile.DRDY | TaskFile.ERR, ide.status(BASE));
        assertArrayEquals(new byte[512], ide.readMemory(IdePorts.BUFFER, 512));
    }

    /** Threat 71. */
    @Test
    void shouldIgnoreACommandWhileBusy() throws Exception {
        ide.workers.hold();
        ide.command(BASE, 0, 1, 4, LBA, 0x20);
        ide.out(BASE + TaskFile.COMMAND, 1, 0x91);
        assertEquals(TaskFile.BSY, ide.in(0x3F6, 1) & TaskFile.BSY);
        ide.workers.run();
        ide.out(BASE + TaskFile.COMMAND, 1, 0xEC);
        assertEquals(ide.disk.content[4 * 512] & 0xFF, ide.in(BASE, 1) & 0xFF);
    }

    /** Threat 71: what was under way is gone, and the next command works. */
    @Test
    void shouldEndATransferThatIsReset() throws Exception {
        ide.workers.hold();
        ide.disk.calls.clear();
        for (int opcode : new int[] {0x20, 0x30, 0xC8, 0xCA, 0xE7, 0xEC}) {
            ide.table(IdePorts.BUFFER, 8 * 512);
            ide.command(BASE, 0, 8, 0, LBA, opcode);
            ide.startMaster(opcode == 0xC8);
            ide.out(0x3F6, 1, IdeChannel.SOFT_RESET_BIT);
            assertEquals(TaskFile.BSY, ide.in(0x3F6, 1));
            ide.workers.run();
            ide.out(0x3F6, 1, 0);
            ide.stopMaster();
            assertEquals("status 50 01 01 01 00 00 a0", ide.registers(BASE));
            assertTrue(ide.disk.calls.isEmpty(), "opcode " + opcode);
            ide.command(BASE, 0, 1, 0, LBA, 0x40);
            assertEquals(READY, ide.status(BASE));
        }
    }

    /** Threat 71: the reset comes while the worker is in the disk. */
    @Test
    void shouldWaitWithAResetForTheWorker() throws Exception {
        ide.table(IdePorts.BUFFER, 512);
        ide.disk.inRead = () -> {
            ide.out(0x3F6, 1, IdeChannel.SOFT_RESET_BIT);
            ide.out(0x3F6, 1, 0);
            assertEquals(TaskFile.BSY, ide.in(0x3F6, 1));
            ide.out(BASE + TaskFile.COMMAND, 1, 0xEC);
        };
        read(1);
        ide.disk.inRead = () -> { };
        assertEquals("status 50 01 01 01 00 00 a0", ide.registers(BASE));
        assertEquals(0, ide.irq.edges());
    }

    /** Threat 71: the bus master is stopped while the worker is in the disk. */
    @Test
    void shouldEndATransferWhoseBusMasterStops() throws Exception {
        ide.table(IdePorts.BUFFER, 512, IdePorts.BUFFER, 512);
        ide.disk.inRead = () -> ide.out(IdePorts.MASTER, 1, 0);
        read(2);
        assertEquals(READY, ide.status(BASE));
        assertEquals(0, ide.irq.edges());
    }

    /** Threat 71. */
    @Test
    void shouldAnswerNothingForADriveThatIsNotThere() throws Exception {
        ide.command(BASE, 0, 1, 0, 0xF0, 0xEC);
        assertEquals(0, ide.in(BASE + TaskFile.STATUS, 1));
        assertEquals(0, ide.in(BASE, 4));
        assertEquals(0, ide.irq.edges());
        ide.out(BASE + TaskFile.DEVICE, 1, 0xE0);
        assertEquals(READY, ide.in(BASE + TaskFile.STATUS, 1));
    }

    /** Threat 72. */
    @Test
    void shouldRefuseSectorsPastTheEnd() throws Exception {
        long last = IdeFixture.SECTORS - 1;
        int[] transfers = {0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40, 0x42, 0xC4, 0xC5, 0xC8, 0xCA};
        for (int opcode : transfers) {
            for (long[] each : new long[][] {{last + 1, 1}, {last, 2}, {0xFFFFFF, 0}}) {
                ide.command(BASE, 0, (int) each[1], each[0], LBA, opcode);
                assertEquals(TaskFile.DRDY | TaskFile.ERR, ide.status(BASE), "opcode " + opcode);
                assertEquals(TaskFile.IDNF, ide.in(BASE + TaskFile.ERROR, 1));
            }
        }
        ide.command(BASE, 0, 0x10000, 0xFFFFFFFFFFFFL, LBA, 0x24);
        assertEquals(TaskFile.IDNF, ide.in(BASE + TaskFile.ERROR, 1));
        ide.command(BASE, 0, 0, 0, LBA, 0x20);
        assertEquals(256 * 512, ide.readBlocks(BASE, 512, 300 * 512).length, "a count of 0 is 256");
    }

    @Test
    void shouldTellOfTheHostsErrors() throws Exception {
        ide.disk.failing = true;
        ide.command(BASE, 0, 1, 9, LBA, 0x20);
        assertEquals(TaskFile.DRDY | TaskFile.ERR, ide.status(BASE));
        assertEquals(TaskFile.UNC, ide.in(BASE + TaskFile.ERROR, 1));
        assertEquals(9, ide.in(BASE + TaskFile.LBA_LOW, 1));
        ide.command(BASE, 0, 0, 0, LBA, 0xE7);
        assertEquals(TaskFile.ABRT, ide.in(BASE + TaskFile.ERROR, 1));
    }

    /** Threat 73: no byte count, overlap, a packet cut short by a reset. */
    @Test
    void shouldRefusePacketsThatCannotBe() throws Exception {
        ide.packet(0, 0, 0x12, 0, 0, 0, 36);
        assertEquals(TaskFile.ABRT, ide.in(IdePorts.SECONDARY + TaskFile.ERROR, 1));
        ide.command(IdePorts.SECONDARY, 2, 0, 0, 0xA0, 0xA0);
        assertEquals(TaskFile.ABRT, ide.in(IdePorts.SECONDARY + TaskFile.ERROR, 1));
        ide.command(IdePorts.SECONDARY, 0, 0, 0x20000, 0xA0, 0xA0);
        ide.out(IdePorts.SECONDARY, 2, 0x12);
        ide.out(IdePorts.SECONDARY + TaskFile.COMMAND, 1, 0x08);
        assertEquals("status 00 01 01 01 14 eb a0", ide.registers(IdePorts.SECONDARY));
    }

    /** Threat 74. */
    @Test
    void shouldEndAReadWhoseMediumIsPulled() throws Exception {
        ide.packet(0, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 4);
        ide.readBlocks(IdePorts.SECONDARY, 2048, 2048);
        ide.slot.remove();
        ide.readBlocks(IdePorts.SECONDARY, 2048, 2048);
        assertEquals(TaskFile.DRDY | TaskFile.ERR, ide.status(IdePorts.SECONDARY));
        assertEquals(0x20, ide.in(IdePorts.SECONDARY + TaskFile.ERROR, 1));
    }

    /** Threats 70 to 74: ports, tables and packets at random, with the worker at any moment. */
    @Test
    void shouldSurviveRandomDrivers() throws Exception {
        int count = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 60_000;
        for (long seed = 1; seed <= 2; seed++) {
            IdeFixture fixture = new IdeFixture();
            RandomIdeDriver driver = new RandomIdeDriver(fixture, seed);
            WriteWatch watch = new WriteWatch(fixture.memory);
            for (int i = 0; i < LOOKS; i++) {
                driver.run(count / 2 / LOOKS);
                watch.check();
            }
            fixture.disk.failing = false;
            fixture.disk.inRead = () -> { };
            fixture.workers.run();
            fixture.primary.reset();
            fixture.command(BASE, 0, 1, 3, LBA, 0x20);
            fixture.workers.run();
            assertEquals(READY | TaskFile.DRQ, fixture.status(BASE), "it works after a reset, seed " + seed);
        }
    }
}
