package jkvm.device.scsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.MemoryDisk;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;
import jkvm.state.StateBuffer;
import org.junit.jupiter.api.Test;

class CdRomTest {
    private static final int BLOCKS = 100;
    private static final DriveSpec SPEC = DriveSpec.ofPath("cd", Path.of("cd.iso"), ImageOptions.READ_ONLY);

    private final MediumSlot slot = new MediumSlot("ide1-cd0", Optional.of("cd"), true);
    private final CdRom drive = new CdRom(slot, new ScsiIdentity("QEMU", "QEMU DVD-ROM", "2.5+", "QM00003"));
    private final ScsiCommand command = new ScsiCommand();
    private final MemoryDisk disc = disc(BLOCKS);

    private static MemoryDisk disc(int blocks) {
        MemoryDisk disc = new MemoryDisk(blocks * 4);
        disc.readOnly = true;
        new Random(7).nextBytes(disc.content);
        return disc;
    }

    private void insertDisc() {
        slot.insert(SPEC, disc);
    }

    /** Carries out a command, given in hexadecimal digits; answers its data. */
    private byte[] run(String cdb) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(cdb);
        command.set(bytes, 0, bytes.length);
        drive.begin(command);
        byte[] data = new byte[(int) command.length()];
        MemorySegment memory = MemorySegment.ofArray(data);
        for (int at = 0; !command.isEnded();) {
            int piece = (int) Math.min(command.left(), 1000);
            drive.move(command, memory, at, piece);
            at += piece;
        }
        return Arrays.copyOf(data, (int) command.done());
    }

    /** The key, the additional code and its qualifier. */
    private String sense() {
        byte[] sense = run("03 00 00 00 12 00");
        return HexFormat.of().formatHex(new byte[] {sense[2], sense[12], sense[13]});
    }

    private void assertFails(String cdb, String sense) {
        run(cdb);
        assertEquals(ScsiCommand.CHECK_CONDITION, command.status(), cdb);
        assertEquals(sense, sense(), cdb);
    }

    private byte[] assertWorks(String cdb) {
        byte[] data = run(cdb);
        assertEquals(ScsiCommand.GOOD, command.status(), cdb);
        return data;
    }

    @Test
    void shouldReadBlocksAsTheMediumHasThem() {
        insertDisc();
        assertArrayEquals(Arrays.copyOfRange(disc.content, 5 * 2048, 8 * 2048),
                assertWorks("28 00 00 00 00 05 00 00 03 00"));
        assertArrayEquals(Arrays.copyOfRange(disc.content, 99 * 2048, 100 * 2048),
                assertWorks("a8 00 00 00 00 63 00 00 00 01 00 00"));
        assertArrayEquals(Arrays.copyOfRange(disc.content, 2048, 4096),
                assertWorks("be 00 00 00 00 01 00 00 01 10 00 00"));
    }

    @Test
    void shouldPutHeadersAroundRawSectors() {
        insertDisc();
        byte[] raw = assertWorks("be 00 00 00 00 01 00 00 02 f8 00 00");
        assertEquals(2 * 2352, raw.length);
        assertEquals("00ffffffffffffffffffff00" + "00020101",
                HexFormat.of().formatHex(Arrays.copyOf(raw, 16)));
        assertArrayEquals(Arrays.copyOfRange(disc.content, 2 * 2048, 3 * 2048),
                Arrays.copyOfRange(raw, 2352 + 16, 2352 + 16 + 2048));
    }

    @Test
    void shouldTellItsNamesAndTheMediumsSize() {
        insertDisc();
        byte[] names = assertWorks("12 00 00 00 24 00");
        assertEquals("QEMU    QEMU DVD-ROM    2.5+", new String(names, 8, 28, StandardCharsets.US_ASCII));
        assertEquals(5, assertWorks("12 00 00 00 05 00").length);
        ByteBuffer capacity = ByteBuffer.wrap(assertWorks("25 00 00 00 00 00 00 00 00 00"));
        assertEquals(BLOCKS - 1, capacity.getInt());
        assertEquals(2048, capacity.getInt());
    }

    @Test
    void shouldListOneDataTrackAndTheLeadOut() {
        insertDisc();
        assertEquals("0012" + "0101" + "0014010000000000" + "0016aa0000000064",
                HexFormat.of().formatHex(assertWorks("43 00 00 00 00 00 00 00 40 00")));
        assertEquals("000a" + "0101" + "0016aa0000000319",
                HexFormat.of().formatHex(assertWorks("43 02 00 00 00 00 aa 00 40 00")));
        assertEquals("000a" + "0101" + "0000000000000000",
                HexFormat.of().formatHex(assertWorks("43 00 00 00 00 00 00 00 40 40")));
    }

    @Test
    void shouldTellThatThereIsNoMedium() {
        assertFails("00 00 00 00 00 00", "023a00");
        assertFails("28 00 00 00 00 00 00 00 01 00", "023a00");
        assertEquals("000000", sense());
        assertEquals("0004041000" + "000000",
                HexFormat.of().formatHex(assertWorks("4a 01 00 00 10 00 00 00 08 00")));
    }

    /** A kernel that polls sees the removal, then the new medium, in two steps. */
    @Test
    void shouldTellOfAnotherMediumStepByStep() {
        insertDisc();
        assertWorks("00 00 00 00 00 00");

        slot.openTray(false);
        assertFails("00 00 00 00 00 00", "023a00");
        slot.remove();
        slot.insert(SPEC, disc(BLOCKS / 2));
        slot.closeTray();

        assertFails("00 00 00 00 00 00", "023a00");
        assertFails("25 00 00 00 00 00 00 00 00 00", "062800");
        assertEquals(BLOCKS / 2 - 1,
                ByteBuffer.wrap(assertWorks("25 00 00 00 00 00 00 00 00 00")).getInt());
        assertEquals("0004041002" + "020000",
                HexFormat.of().formatHex(assertWorks("4a 01 00 00 10 00 00 00 08 00")));
    }

    @Test
    void shouldKeepALockedMediumAndTellOfTheWish() {
        insertDisc();
        assertWorks("1e 00 00 00 01 00");

        assertFalse(slot.openTray(false));

        assertEquals(1, assertWorks("4a 01 00 00 10 00 00 00 08 00")[4]);
        assertFails("1b 00 00 00 02 00", "025300");
        assertWorks("1e 00 00 00 00 00");
        assertWorks("1b 00 00 00 02 00");
        assertTrue(slot.isTrayOpen());
        assertWorks("1b 00 00 00 03 00");
        assertTrue(slot.isReady());
    }

    /** Threat 72, 73: blocks past the end, unknown operations, wrong lengths. */
    @Test
    void shouldRefuseWhatIsNotThereOrPastTheEnd() {
        insertDisc();
        assertFails("28 00 00 00 00 64 00 00 01 00", "052100");
        assertFails("28 00 ff ff ff ff 00 ff ff 00", "052100");
        assertFails("a8 00 00 00 00 00 ff ff ff ff 00 00", "052100");
        assertFails("be 00 00 00 00 63 00 00 02 f8 00 00", "052100");
        assertFails("be 00 00 00 00 00 00 00 01 f8 01 00", "052400");
        assertFails("2b 00 00 00 00 64 00 00 00 00", "052100");
        assertFails("ff 00 00 00 00 00", "052000");
        assertFails("12 01 55 00 24 00", "052400");
        assertFails("5a 00 c1 00 00 00 00 00 ff 00", "053900");
        assertFails("ad 00 00 00 00 00 00 00 08 00 00 00", "053000");
        assertEquals(0, assertWorks("28 00 00 00 00 00 00 00 00 00").length);
        assertEquals(0, assertWorks("12 00 00 00 00 00").length);
        assertEquals(36, assertWorks("12 00 00 ff ff 00").length);
    }

    /** Threat 74: the medium is pulled while a command reads it. */
    @Test
    void shouldEndAReadWhoseMediumIsPulled() {
        insertDisc();
        byte[] cdb = HexFormat.ofDelimiter(" ").parseHex("28 00 00 00 00 00 00 00 20 00");
        MemorySegment memory = MemorySegment.ofArray(new byte[4096]);
        for (Runnable pull : new Runnable[] {() -> slot.openTray(true), slot::remove}) {
            command.set(cdb, 0, cdb.length);
            drive.begin(command);
            drive.move(command, memory, 0, 2048);
            pull.run();
            drive.move(command, memory, 0, 2048);

            assertTrue(command.isEnded());
            assertEquals("023a00", sense());
            slot.remove();
            slot.insert(SPEC, disc);
            slot.closeTray();
            run("00 00 00 00 00 00");
            run("00 00 00 00 00 00");
        }
        disc.failing = true;
        assertFails("28 00 00 00 00 00 00 00 01 00", "031100");
    }

    /** Threat 73: a hundred thousand random commands neither throw nor answer with more than they may. */
    @Test
    void shouldSurviveRandomCommands() {
        Random random = new Random(73);
        int count = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 100_000;
        byte[] cdb = new byte[16];
        MemorySegment memory = MemorySegment.ofArray(new byte[65536]);
        int[] operations = {0x00, 0x03, 0x12, 0x1A, 0x1B, 0x1E, 0x25, 0x28, 0x2B, 0x42, 0x43, 0x46, 0x4A, 0x51, 0x5A,
            0xA8, 0xAD, 0xBB, 0xBD, 0xBE};
        for (int i = 0; i < count; i++) {
            random.nextBytes(cdb);
            if (random.nextInt(8) != 0) {
                cdb[0] = (byte) operations[random.nextInt(operations.length)];
                Arrays.fill(cdb, 2, 5, (byte) 0);
            }
            switch (random.nextInt(500)) {
                case 0 -> slot.openTray(random.nextBoolean());
                case 1 -> slot.closeTray();
                case 2 -> slot.remove();
                case 3 -> {
                    slot.remove();
                    slot.insert(SPEC, disc);
                }
                default -> { }
            }
            command.set(cdb, 0, cdb.length);
            drive.begin(command);
            for (int moves = 0; !command.isEnded() && moves < 5; moves++) {
                int piece = (int) Math.min(command.left(), 1 + random.nextInt(65536));
                drive.move(command, memory, 0, piece);
            }
            assertTrue(command.left() >= 0 && command.done() <= command.length(), "seed 73, command " + i);
        }
    }

    @Test
    void shouldContinueASavedCommand() {
        insertDisc();
        byte[] cdb = HexFormat.ofDelimiter(" ").parseHex("28 00 00 00 00 02 00 00 02 00");
        command.set(cdb, 0, cdb.length);
        drive.begin(command);
        drive.move(command, MemorySegment.ofArray(new byte[1000]), 0, 1000);
        StateBuffer state = new StateBuffer("cd");
        drive.save(state);
        command.save(state);

        ScsiCommand loaded = new ScsiCommand();
        StateBuffer in = new StateBuffer("cd", state.toByteArray());
        drive.load(in);
        loaded.load(in, slot.changes());
        in.requireEnd();
        byte[] rest = new byte[3096];
        drive.move(loaded, MemorySegment.ofArray(rest), 0, rest.length);

        assertTrue(loaded.isEnded());
        assertArrayEquals(Arrays.copyOfRange(disc.content, 2 * 2048 + 1000, 4 * 2048), rest);
    }
}
