package jkvm.machine.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import jkvm.linux.FfmSyscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.state.StateException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A state that was written is read as it was. */
class SnapshotStreamTest {
    private static final int MEMORY = 4 << 20, PAGES = MEMORY / RamLayout.PAGE;
    private static final MachineConfiguration CONFIGURATION =
            new MachineConfiguration.Builder().fact("machine type", "pc").fact("CPUs", 1).build();

    private final Arena arena = Arena.ofShared();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Writes with an exception of its own. */
    private interface Records {
        void write(SnapshotWriter out) throws IOException;
    }

    @AfterEach
    void free() {
        arena.close();
    }

    private GuestMemory memory() {
        return MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena, MEMORY);
    }

    /** A third of the pages is zero, a third does not compress. */
    private GuestMemory filled() {
        GuestMemory memory = memory();
        Random random = new Random(1);
        byte[] page = new byte[RamLayout.PAGE];
        for (int i = 0; i < PAGES; i++) {
            int kind = random.nextInt(3);
            if (kind == 0) {
                random.nextBytes(page);
                memory.write((long) i * RamLayout.PAGE, page);
            } else if (kind == 1) {
                memory.writeInt((long) i * RamLayout.PAGE, i + 1);
            }
        }
        return memory;
    }

    private SnapshotReader written(Records records) throws IOException {
        records.write(new SnapshotWriter(Channels.newChannel(bytes)));
        return new SnapshotReader(Channels.newChannel(new ByteArrayInputStream(bytes.toByteArray())));
    }

    private static MachineSnapshot snapshot(GuestMemory memory) {
        return new MachineSnapshot.Builder(CONFIGURATION).section("a", out -> out.putVersion(1))
                .section("b", out -> out.putBytes("large", new byte[3 << 20])).build(RamImage.capture(memory));
    }

    private void assertSameAfterwards(int level) throws IOException {
        GuestMemory memory = filled();
        MachineSnapshot saved = snapshot(memory);
        MachineSnapshot read = MachineSnapshot.read(written(out -> {
            out.compress(level);
            saved.write(out);
        }), MEMORY);
        GuestMemory other = filled();
        other.fill(0, MEMORY / 2, (byte) 7);
        read.ram().restore(other);

        assertEquals(-1, memory.slice(0, MEMORY).mismatch(other.slice(0, MEMORY)));
        assertEquals(CONFIGURATION, read.configuration());
        assertEquals(saved.names(), read.names());
        assertArrayEquals(saved.section("b"), read.section("b"));
    }

    @Test
    void shouldReadWhatWasWritten() throws IOException {
        assertSameAfterwards(0);
        assertTrue(bytes.size() < 3 * MEMORY / 4 + (3 << 20), "zero pages take no room");
    }

    @Test
    void shouldReadWhatWasWrittenDeflated() throws IOException {
        assertSameAfterwards(1);
        assertTrue(bytes.size() < MEMORY / 2 + (3 << 20), "nor do pages with little in them");
    }

    @Test
    void shouldTakeTheLastOfAPagesRecords() throws IOException {
        GuestMemory memory = memory();
        MachineSnapshot read = MachineSnapshot.read(written(out -> {
            out.configuration(CONFIGURATION);
            out.layout(RamLayout.of(memory));
            for (int i = 1; i <= 3; i++) {
                memory.writeInt(0x1000, i);
                memory.writeInt(0x2000, 3 - i);
                out.pages(0x1000, memory.slice(0x1000, 2 * RamLayout.PAGE));
            }
            out.end();
        }), MEMORY);
        memory.fill(0, MEMORY, (byte) 1);
        read.ram().restore(memory);

        assertEquals(3, memory.readInt(0x1000));
        assertEquals(0, memory.readInt(0x2000));
        assertEquals(0, memory.readInt(0x3000), "a page that no record tells of is zero");
    }

    private void assertRefused(String says, Records records) throws IOException {
        bytes.reset();
        SnapshotReader in = written(records);
        StateException e = assertThrows(StateException.class, () -> MachineSnapshot.read(in, MEMORY));
        assertTrue(e.getMessage().contains(says), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    @Test
    void shouldRefuseRecordsThatMakeNoState() throws IOException {
        RamLayout layout = RamLayout.of(memory());
        assertRefused("section a twice", out -> {
            out.configuration(CONFIGURATION);
            out.section("a", new byte[1]);
            out.section("a", new byte[1]);
        });
        assertRefused("out of order at record 0", out -> out.section("a", new byte[1]));
        assertRefused("out of order at record 1", out -> {
            out.configuration(CONFIGURATION);
            out.zeroPages(0, 1);
        });
        assertRefused("ends within record 1", out -> out.configuration(CONFIGURATION));
        assertRefused("gave up: no more", out -> {
            out.configuration(CONFIGURATION);
            out.abort("no more");
        });
        for (long[] pages : new long[][] {{MEMORY, 1}, {1, 1}, {0, PAGES + 1}, {0, 0}, {0, -1}, {-4096, 2},
                {4096, Long.MAX_VALUE / 4096}, {0, 1L << 52}}) {
            assertRefused("no RAM", out -> {
                out.configuration(CONFIGURATION);
                out.layout(layout);
                out.zeroPages(pages[0], pages[1]);
            });
        }
    }

    @Test
    void shouldNameWhatIsNoStateAndNewerVersions() throws IOException {
        written(SnapshotWriter::end);
        byte[] newer = bytes.toByteArray();
        assertNotRead("header is damaged", state -> state[8] = 2, newer);
        assertNotRead("ends within its header", state -> { }, Arrays.copyOf(newer, 20));
        assertNotRead("it is a state of QEMU",
                state -> System.arraycopy("QEVM".getBytes(StandardCharsets.US_ASCII), 0, state, 0, 4), newer);
        assertNotRead("not a saved state of jkvm", state -> state[0] = 0, newer);
        assertNotRead("is empty", state -> { }, new byte[0]);
    }

    private static void assertNotRead(String says, Consumer<byte[]> change, byte[] state) {
        byte[] changed = state.clone();
        change.accept(changed);
        StateException e = assertThrows(StateException.class,
                () -> new SnapshotReader(Channels.newChannel(new ByteArrayInputStream(changed))));
        assertTrue(e.getMessage().contains(says), e.getMessage());
    }
}
