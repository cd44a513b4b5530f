package jkvm.machine.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import jkvm.linux.FfmSyscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.state.StateException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state that was damaged or forged is refused with one line, or is the state that it was: nothing else is thrown. */
class HostileStateTest {
    private static final int MEMORY = 32 << 10;
    private static final int CHANGES = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 30_000;
    private static final int HEAD = SnapshotFormat.RECORD_HEADER;

    @TempDir
    private Path folder;
    private Random random;
    /** For a stream, a stream of deflated pages, a file with RAM in place. */
    private final List<byte[]> states = new ArrayList<>();
    private byte[] content;

    /** A channel that reads an array: opened a million times. */
    private static final class Bytes implements ReadableByteChannel {
        private final ByteBuffer left;

        Bytes(byte[] bytes) {
            left = ByteBuffer.wrap(bytes);
        }

        @Override
        public int read(ByteBuffer to) {
            if (!left.hasRemaining()) {
                return -1;
            }
            int count = Math.min(to.remaining(), left.remaining());
            to.put(left.slice(left.position(), count));
            left.position(left.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
        }
    }

    @BeforeEach
    void makeStates() throws IOException {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("HostileStateTest: " + CHANGES + " changes, -Djkvm.seed=" + seed);
        random = new Random(seed);
        try (Arena arena = Arena.ofShared()) {
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena, MEMORY);
            byte[] noise = new byte[3000];
            random.nextBytes(noise);
            memory.write(0x1800, noise);
            memory.writeInt(0x6000, 7);
            MachineConfiguration configuration = new MachineConfiguration.Builder().fact("machine type", "pc")
                    .fact("device a", List.of("type", "x=1")).build();
            MachineSnapshot.Builder parts = new MachineSnapshot.Builder(configuration)
                    .section("a", out -> out.putLong("one", 1)).section("b", out -> out.putBytes("two", noise));
            MachineSnapshot snapshot = parts.build(RamImage.capture(memory));
            states.add(stream(snapshot, 0));
            states.add(stream(snapshot, 1));
            Path file = folder.resolve("state");
            SnapshotFile.write(new FfmSyscalls(), file, parts.build(null), memory);
            states.add(Files.readAllBytes(file));
        }
        content = states.getFirst();
    }

    private static byte[] stream(MachineSnapshot snapshot, int level) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SnapshotWriter out = new SnapshotWriter(Channels.newChannel(bytes));
        out.compress(level);
        snapshot.write(out);
        return bytes.toByteArray();
    }

    /** @return null if it is refused as it has to be */
    private static MachineSnapshot read(byte[] state) throws IOException {
        try {
            return MachineSnapshot.read(new SnapshotReader(new Bytes(state)), MEMORY);
        } catch (StateException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            return null;
        }
    }

    @Test
    void shouldRefuseEachDamagedStateWithOneLine() throws IOException {
        int refused = 0;
        for (int i = 0; i < CHANGES; i++) {
            byte[] damaged = damage(states.get(random.nextInt(states.size())));
            MachineSnapshot snapshot = read(damaged);
            if (snapshot == null) {
                refused++;
            } else {
                assertArrayEquals(content, stream(snapshot, 0), "a state that is taken is whole");
            }
        }
        assertTrue(refused > CHANGES * 9L / 10, refused + " were refused");
    }

    private byte[] damage(byte[] state) {
        int at = random.nextInt(state.length);
        switch (random.nextInt(6)) {
            case 0 -> {
                return Arrays.copyOf(state, at);
            }
            case 1 -> {
                byte[] longer = new byte[state.length + random.nextInt(1, 100)];
                int more = longer.length - state.length;
                System.arraycopy(state, 0, longer, 0, at);
                System.arraycopy(state, Math.max(0, at - more), longer, at, Math.min(more, at));
                System.arraycopy(state, at, longer, at + more, state.length - at);
                return longer;
            }
            case 2 -> {
                return joined(state, moved(records(state)), false);
            }
            default -> {
                byte[] flipped = state.clone();
                for (int i = random.nextInt(1, 9); i > 0; i--) {
                    flipped[random.nextInt(state.length)] ^= (byte) (1 << random.nextInt(8));
                }
                return flipped;
            }
        }
    }

    /** Records of a state without RAM in place: their first and last positions. */
    private static List<byte[]> records(byte[] state) {
        ByteBuffer data = ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> records = new ArrayList<>();
        for (int at = start(state); at + HEAD <= state.length; ) {
            int length = HEAD + data.getInt(at + 4);
            records.add(Arrays.copyOfRange(state, at, at + length));
            at += length;
            if (data.getInt(at - length) == SnapshotFormat.RAM_IN_PLACE) {
                break;
            }
        }
        return records;
    }

    private static int start(byte[] state) {
        return SnapshotFormat.FILE_HEADER + ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).getInt(12);
    }

    /** One record is gone, doubled, or at another place. */
    private List<byte[]> moved(List<byte[]> records) {
        List<byte[]> changed = new ArrayList<>(records);
        byte[] record = changed.get(random.nextInt(records.size()));
        int kind = random.nextInt(3);
        if (kind != 1) {
            changed.remove(record);
        }
        if (kind != 0) {
            changed.add(random.nextInt(changed.size() + 1), record);
        }
        return changed;
    }

    /** @param isForged with numbers and checksums that are right */
    private static byte[] joined(byte[] state, List<byte[]> records, boolean isForged) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(state, 0, start(state));
        for (int i = 0; i < records.size(); i++) {
            byte[] record = records.get(i).clone();
            if (isForged) {
                ByteBuffer data = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
                data.putInt(4, record.length - HEAD).putInt(8, i);
                data.putInt(SnapshotFormat.CHECKSUM_OFFSET,
                        SnapshotFormat.checksum(data, data.slice(HEAD, record.length - HEAD)));
            }
            bytes.writeBytes(record);
        }
        return bytes.toByteArray();
    }

    private static byte[] record(int type, int length) {
        byte[] record = new byte[HEAD + length];
        record[0] = (byte) type;
        return record;
    }

    @Test
    void shouldTakeOrRefuseEachForgedState() throws IOException {
        int taken = 0;
        for (int i = 0; i < CHANGES; i++) {
            byte[] state = states.get(random.nextInt(2));
            List<byte[]> forged = moved(records(state));
            byte[] record = forged.get(random.nextInt(forged.size()));
            for (int j = random.nextInt(4); j > 0; j--) {
                int at = random.nextInt(record.length);
                record[at] = (byte) random.nextInt();
            }
            taken += read(joined(state, forged, true)) == null ? 0 : 1;
        }
        assertTrue(taken > 0 && taken < CHANGES, taken + " were taken");
    }

    private static void assertRefused(String says, byte[] state) {
        StateException e = assertThrows(StateException.class,
                () -> MachineSnapshot.read(new SnapshotReader(new Bytes(state)), MEMORY));
        assertTrue(e.getMessage().contains(says), e.getMessage());
    }

    @Test
    void shouldRefuseUnknownRecordsDoubleSectionsAndNewerVersionsByName() {
        List<byte[]> records = new ArrayList<>(records(content));
        records.add(1, record(99, 4));
        assertRefused("a record of type 99, which jkvm does not know, of jkvm ", joined(content, records, true));
        records.remove(1);
        records.add(records.size() - 1, records.get(records.size() - 2));
        assertRefused("section b twice", joined(content, records, true));

        byte[] newer = content.clone();
        newer[SnapshotFormat.MAGIC.length] = 2;
        int end = start(newer) - Integer.BYTES;
        ByteBuffer.wrap(newer).order(ByteOrder.LITTLE_ENDIAN).putInt(end,
                SnapshotFormat.checksum(Arena.ofAuto().allocate(end).copyFrom(
                        MemorySegment.ofArray(newer).asSlice(0, end))));
        assertRefused("format version 2, written by jkvm ", newer);
    }

    @Test
    void shouldNotInflateMoreThanARecordsPages() {
        byte[] zeroes = new byte[64 << 20];
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(zeroes);
        deflater.finish();
        byte[] bomb = record(SnapshotFormat.DEFLATED_PAGES, SnapshotFormat.DEFLATED_HEADER + (1 << 17));
        int length = deflater.deflate(bomb, HEAD + SnapshotFormat.DEFLATED_HEADER, 1 << 17);
        deflater.end();
        ByteBuffer.wrap(bomb).order(ByteOrder.LITTLE_ENDIAN).putInt(HEAD + Long.BYTES, 2);
        List<byte[]> records = new ArrayList<>(records(content).subList(0, 2));
        records.add(Arrays.copyOf(bomb, HEAD + SnapshotFormat.DEFLATED_HEADER + length));

        assertRefused("damaged in record 2", joined(content, records, true));
    }

    @Test
    void shouldAllocateNoMoreThanHasArrivedWhateverASizeSays() {
        byte[] large = record(SnapshotFormat.SECTION, 100);
        List<byte[]> records = new ArrayList<>(records(content).subList(0, 2));
        records.add(large);
        byte[] state = joined(content, records, true);
        ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).putInt(state.length - large.length + 4,
                SnapshotFormat.MAX_SECTION);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        assertRefused("ends within record 2", state);

        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 4 << 20, allocated + " bytes");
    }

    @Test
    void shouldRefuseMoreRamThanTheReaderTakes() {
        byte[] layout = record(SnapshotFormat.LAYOUT, Integer.BYTES + 2 * Long.BYTES);
        ByteBuffer.wrap(layout).order(ByteOrder.LITTLE_ENDIAN).putInt(HEAD, 1).putLong(HEAD + 12, 1L << 50);
        List<byte[]> records = new ArrayList<>(records(content).subList(0, 1));
        records.add(layout);

        assertRefused("bytes of RAM, which is more than", joined(content, records, true));
    }

    @Test
    void shouldRefuseAFileThatIsCutInItsRamOrGoesOnAfterItsEnd() throws IOException {
        byte[] file = states.getLast();
        Path path = folder.resolve("damaged");
        for (int length : new int[] {file.length - 1, file.length / 2, MEMORY / 2, 100, 0}) {
            Files.write(path, Arrays.copyOf(file, length));
            StateException e = assertThrows(StateException.class,
                    () -> SnapshotFile.open(new FfmSyscalls(), path, MEMORY));
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
        Files.write(path, Arrays.copyOf(file, file.length + 1));
        assertThrows(StateException.class, () -> SnapshotFile.open(new FfmSyscalls(), path, MEMORY));
    }

    @Test
    void shouldFindDamagedRamOfAFileWhenAsked() throws IOException {
        byte[] file = states.getLast();
        file[(int) SnapshotFormat.align(1) + 0x1900] ^= 1;
        Path path = Files.write(folder.resolve("damaged"), file);
        try (SnapshotFile opened = SnapshotFile.open(new FfmSyscalls(), path, MEMORY)) {
            StateException e = assertThrows(StateException.class, opened::verify);
            assertTrue(e.getMessage().contains("RAM is damaged from 0x0 on"), e.getMessage());
        }
        assertRefused("RAM is damaged", file);
    }
}
