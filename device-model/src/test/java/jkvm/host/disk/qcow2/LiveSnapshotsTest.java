package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NewSnapshot;
import jkvm.host.disk.Repair;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Snapshots of an image that is open, among random requests. */
class LiveSnapshotsTest {
    private static final int SIZE = 1_600_000;
    private static final int SMALL = 204_800;
    private static final int REQUESTS = 40;
    private static final Instant DATE = Instant.ofEpochSecond(1_700_000_000, 123_000_000);

    /** A state of some bytes, written in uneven parts. */
    record State(byte[] bytes) implements DiskSnapshots.StateSource {
        static State random(long seed, int size) {
            return new State(TestDisks.randomBytes(seed, size));
        }

        @Override
        public long limit() {
            return bytes.length + 100_000L;
        }

        @Override
        public void writeTo(WritableByteChannel channel) throws IOException {
            for (int at = 0; at < bytes.length; at += 777_777) {
                channel.write(ByteBuffer.wrap(bytes, at, Math.min(777_777, bytes.length - at)));
            }
        }
    }

    static NewSnapshot named(String name) {
        return new NewSnapshot(name, DATE, 5_000_000_000L, NewSnapshot.NOT_COUNTED);
    }

    static byte[] stateOf(DiskImage image, InternalSnapshot snapshot) throws IOException {
        byte[] bytes = new byte[(int) snapshot.vmStateSize()];
        try (ReadableByteChannel channel = image.snapshots().orElseThrow().state(snapshot)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (channel.read(buffer) > 0) {
                // Until all is there.
            }
            assertEquals(0, buffer.remaining());
        }
        return bytes;
    }

    private static void step(RandomRequests requests) throws IOException {
        for (int i = 0; i < REQUESTS; i++) {
            requests.step();
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("a disk in use is kept, goes back and goes on, with the state of a machine beside it")
    @CsvSource(delimiter = '|', value = {"cluster_size=512", "cluster_size=4096,compat=v2", "cluster_size=65536",
        "extended_l2=on,cluster_size=16k", "cluster_size=512,refcount_bits=64", "lazy_refcounts=on,cluster_size=4096",
        "cluster_size=2M", "preallocation=metadata,cluster_size=4k"})
    void shouldKeepAndReturn(String options) throws IOException {
        // given: a disk with a backing file, in use
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, options));
        byte[] base = TestDisks.randomBytes(7, options.contains("preallocation") ? 0 : 300_000);
        DiskImage image = TestDisks.open(file, TestDisks.raw(base), false);
        RandomRequests requests = new RandomRequests(image, Arrays.copyOf(base, SIZE), 1, SIZE / 8);
        step(requests);
        DiskSnapshots snapshots = image.snapshots().orElseThrow();
        byte[] then = requests.twin().clone();
        State state = State.random(3, 5_000_001);

        // when: it is kept with a state, changes, and is kept again without one
        snapshots.create(named("one"), Optional.of(state));
        requests.verify();
        step(requests);
        byte[] later = requests.twin().clone();
        snapshots.create(named("two"), Optional.empty());
        step(requests);
        requests.verify();

        // then: both are listed, the state is whole, and the disk goes back to either
        InternalSnapshot one = snapshots.list().getFirst();
        InternalSnapshot two = snapshots.list().get(1);
        assertEquals(List.of("one", "two"), List.of(one.name(), two.name()));
        assertEquals(List.of(5_000_001L, 0L), List.of(one.vmStateSize(), two.vmStateSize()));
        assertEquals(DATE, one.date());
        assertEquals(5_000_000_000L, one.vmClockNanos());
        assertArrayEquals(state.bytes, stateOf(image, one));
        snapshots.apply(one, () -> { });
        assertArrayEquals(then, TestDisks.readAll(image));
        Qcow2Header header = Qcow2Header.read(file);
        assertEquals(VmStateArea.after(header, header.size()).l1Size(0), header.l1Size(), "the disk has no state");
        RandomRequests after = new RandomRequests(image, then.clone(), 2, SIZE / 8);
        step(after);
        after.verify();
        snapshots.apply(two, () -> { });
        assertArrayEquals(later, TestDisks.readAll(image));
        assertArrayEquals(state.bytes, stateOf(image, one));
        image.flush();
        TestDisks.assertClean(file);

        // and: when both are given up the file is in order, and the disk is as it was
        snapshots.delete(one);
        snapshots.delete(two);
        assertEquals(List.of(), snapshots.list());
        assertArrayEquals(later, TestDisks.readAll(image));
        image.close();
        TestDisks.assertClean(file);
    }

    @Test
    @DisplayName("a step that fails before the last write leaves the disk as it was")
    void shouldStayWhenTheStepBeforeFails() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, "cluster_size=4096"));
        DiskImage image = TestDisks.open(file);
        DiskSnapshots snapshots = image.snapshots().orElseThrow();
        snapshots.create(named("a"), Optional.empty());
        TestDisks.write(image, 0, (byte) 2);

        assertThrows(IOException.class, () -> snapshots.apply(snapshots.list().getFirst(), () -> {
            throw new IOException("no");
        }));

        assertArrayEquals(new byte[] {2}, TestDisks.read(image, 0, 1));
        TestDisks.write(image, 1, (byte) 3);
        image.close();
        TestDisks.assertClean(file);
    }

    @Test
    @DisplayName("a snapshot that has got the id of one that is gone is not taken for it")
    void shouldNotReturnToAnotherOneOfThatId() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, "cluster_size=4096"));
        DiskImage image = TestDisks.open(file);
        DiskSnapshots snapshots = image.snapshots().orElseThrow();
        InternalSnapshot gone = snapshots.create(named("a"), Optional.empty());
        snapshots.delete(gone);
        InternalSnapshot other = snapshots.create(named("b"), Optional.empty());
        assertEquals(gone.id(), other.id());

        assertThrows(IOException.class, () -> snapshots.apply(gone, () -> { }));
        assertThrows(IOException.class, () -> snapshots.delete(gone));

        assertEquals(List.of(other), snapshots.list());
        image.close();
        TestDisks.assertClean(file);
    }

    @Test
    @DisplayName("a state that is larger than was said is refused, and nothing is kept of it")
    void shouldRefuseALargerState() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, "cluster_size=4096"));
        DiskImage image = TestDisks.open(file);
        DiskSnapshots snapshots = image.snapshots().orElseThrow();
        DiskSnapshots.StateSource large = new DiskSnapshots.StateSource() {
            @Override
            public long limit() {
                return 3 << 20;
            }

            @Override
            public void writeTo(WritableByteChannel channel) throws IOException {
                channel.write(ByteBuffer.allocate(3 << 20));
                channel.write(ByteBuffer.allocate(1));
            }
        };

        assertThrows(IOException.class, () -> snapshots.create(named("a"), Optional.of(large)));

        assertEquals(List.of(), snapshots.list());
        image.close();
        TestDisks.assertClean(file);
    }

    @Test
    @DisplayName("in an encrypted image a machine's state is encrypted too")
    void shouldEncryptTheState(@TempDir Path folder) throws IOException {
        DiskImages images = new DiskImages(new FfmSyscalls(), Map.of("s", "right".getBytes(StandardCharsets.UTF_8)),
                name -> { });
        Path path = folder.resolve("a");
        images.create(path, ImageFormat.QCOW2, CreateValues.ofSize(1 << 20).with("encrypt.format", "luks")
                .with("encrypt.key-secret", "s").with("encrypt.iter-time", "1"));
        byte[] plain = new byte[70_000];
        Arrays.fill(plain, (byte) 'x');
        try (DiskImage image = images.open(path, ImageOptions.WRITABLE.withFormat(ImageFormat.QCOW2)
                .withProperties(Map.of("encrypt.key-secret", "s")))) {
            TestDisks.write(image, 0, (byte) 1);
            DiskSnapshots snapshots = image.snapshots().orElseThrow();

            InternalSnapshot made = snapshots.create(named("a"), Optional.of(new State(plain)));

            TestDisks.write(image, 0, (byte) 2);
            assertArrayEquals(plain, stateOf(image, made));
            snapshots.apply(made, () -> { });
            assertArrayEquals(new byte[] {1}, TestDisks.read(image, 0, 1));
        }
        assertFalse(new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).contains("x".repeat(64)));
        assertEquals(0, images.check(path, ImageOptions.READ_ONLY.withFormat(ImageFormat.QCOW2), Repair.NOTHING,
                line -> { }).orElseThrow().corruptions());
    }

    @Test
    @DisplayName("an image with its data in another file keeps no snapshots, and says so")
    void shouldKeepNoneOfAnotherFilesData(@TempDir Path folder) throws IOException {
        DiskImages images = new DiskImages(new FfmSyscalls());
        Path path = folder.resolve("a");
        images.create(path, ImageFormat.QCOW2, CreateValues.ofSize(1 << 20).with("data_file",
                folder.resolve("data").toString()));
        try (DiskImage image = images.open(path, ImageOptions.WRITABLE)) {
            assertEquals(Optional.empty(), image.snapshots());
        }
    }

    @Test
    @DisplayName("two disks return together, and neither does if one cannot")
    void shouldReturnTogetherOrNotAtAll() throws IOException {
        MemoryFile[] files = {TestDisks.create(TestDisks.options(SMALL, "cluster_size=4096")),
            TestDisks.create(TestDisks.options(SMALL, "cluster_size=4096"))};
        DiskImage one = TestDisks.open(files[0]);
        DiskImage other = TestDisks.open(files[1]);
        for (DiskImage each : List.of(one, other)) {
            TestDisks.write(each, 0, (byte) 1);
            each.snapshots().orElseThrow().create(named("a"), Optional.empty());
            TestDisks.write(each, 0, (byte) 2);
        }
        files[1].failOn(new NthChange(1, true, "EIO"));
        InternalSnapshot first = one.snapshots().orElseThrow().list().getFirst();

        assertThrows(IOException.class, () -> one.snapshots().orElseThrow().apply(first, () ->
                other.snapshots().orElseThrow().apply(first, () -> { })));

        assertArrayEquals(new byte[] {2}, TestDisks.read(one, 0, 1));
        one.close();
        TestDisks.assertClean(files[0]);
    }

    @ParameterizedTest(name = "{0}, always {1}, {2}")
    @DisplayName("EIO or ENOSPC at any write lists no half snapshot, and leaves the disk as it was or as it is to be")
    @CsvSource(delimiter = '|', value = {"EIO | false | cluster_size=512", "ENOSPC | true | cluster_size=4096",
        "ENOSPC | false | cluster_size=4096,compat=v2", "ENOSPC | true | cluster_size=512,lazy_refcounts=on"})
    void shouldSurviveFaults(String error, boolean always, String options) throws IOException {
        CreateValues values = TestDisks.options(SMALL, options);
        boolean reached = true;
        for (int nth = 1; reached; nth += 1 + nth / 20) {
            reached = failAt(new NthChange(nth, always, error), values);
        }
    }

    /** @return whether there were as many changes */
    private static boolean failAt(NthChange fault, CreateValues values) throws IOException {
        MemoryFile file = TestDisks.create(values);
        DiskImage image = TestDisks.open(file);
        byte[] content = TestDisks.randomBytes(1, SMALL);
        image.write(0, MemorySegment.ofArray(content));
        DiskSnapshots snapshots = image.snapshots().orElseThrow();
        snapshots.create(named("first"), Optional.empty());
        byte[] changed = content.clone();
        Arrays.fill(changed, 1000, 9000, (byte) 7);
        image.write(1000, MemorySegment.ofArray(changed).asSlice(1000, 8000));
        State state = State.random(5, 300_000);
        file.failOn(fault);
        boolean created = succeeds(() -> snapshots.create(named("second"), Optional.of(state)));
        boolean applied = succeeds(() -> snapshots.apply(snapshots.list().getFirst(), () -> { }));
        fault.end();

        // A failed flush of the host stays with the image, so that it is opened anew here.
        succeeds(image::close);
        file.reopen();
        try (DiskImage again = TestDisks.open(file)) {
            List<InternalSnapshot> list = again.snapshots().orElseThrow().list();
            assertEquals(created ? 2 : 1, list.size(), "fault at " + fault.nth());
            assertArrayEquals(applied ? content : changed, TestDisks.readAll(again), "fault at " + fault.nth());
            if (created) {
                assertArrayEquals(state.bytes, stateOf(again, list.getLast()));
            }
        }
        assertGood(file, values.text("compat").orElse(""));
        return fault.wasReached();
    }

    /** Version 2 has no mark of an image that was not closed, and so its flags may be missing, which costs copies. */
    private static void assertGood(MemoryFile file, String options) throws IOException {
        List<String> lines = new ArrayList<>();
        TestDisks.check(file, lines);
        lines.removeIf(line -> line.startsWith("Leaked") || options.contains("v2") && line.contains("OFLAG_COPIED"));
        assertEquals(List.of(), lines);
    }

    private static boolean succeeds(RecordedLife.Request request) {
        try {
            request.run();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("after a kill at any write a snapshot is there as a whole or not at all, and the disk is one of both")
    @CsvSource(delimiter = '|', value = {"cluster_size=512", "cluster_size=4096,compat=v2",
        "extended_l2=on,cluster_size=16k", "cluster_size=4096,lazy_refcounts=on"})
    void shouldSurviveAKillAtAnyWrite(String options) throws IOException {
        MemoryFile made = TestDisks.create(TestDisks.options(SMALL, options));
        byte[] before = TestDisks.randomBytes(1, SMALL);
        try (DiskImage image = TestDisks.open(made)) {
            image.write(0, MemorySegment.ofArray(before));
        }
        MemoryFile file = new MemoryFile(made.content());
        DiskImage image = TestDisks.open(file);
        RecordedLife life = new RecordedLife(file.content(), file, before);
        DiskSnapshots snapshots = image.snapshots().orElseThrow();
        State state = State.random(5, 200_000);
        byte[] after = before.clone();
        Arrays.fill(after, 5000, 50_000, (byte) 9);
        snapshots.create(named("a"), Optional.of(state));
        image.write(5000, MemorySegment.ofArray(after).asSlice(5000, 45_000));
        image.flush();
        int written = file.log().size();
        snapshots.create(named("b"), Optional.of(state));
        snapshots.delete(snapshots.list().getFirst());
        image.write(0, MemorySegment.ofArray(before));
        image.flush();
        int back = file.log().size();
        snapshots.apply(snapshots.list().getFirst(), () -> { });
        image.close();

        Random random = new Random(1);
        int kills = Math.max(60, Integer.getInteger("jkvm.kills", 0));
        for (int i = 0; i < kills; i++) {
            int cut = random.nextInt(file.log().size() + 1);
            MemoryFile left = life.crash(cut, i % 2 == 0, random);
            try (DiskImage again = TestDisks.open(left)) {
                byte[] content = TestDisks.readAll(again);
                boolean isMixed = cut > 0 && !Arrays.equals(content, before) && !Arrays.equals(content, after);
                assertTrue(!isMixed || cut < written || cut < back, "mixed after write " + cut);
                for (InternalSnapshot each : again.snapshots().orElseThrow().list()) {
                    assertArrayEquals(state.bytes, stateOf(again, each), "after write " + cut);
                    again.snapshots().orElseThrow().apply(each, () -> { });
                    byte[] kept = TestDisks.readAll(again);
                    assertTrue(Arrays.equals(kept, before) || Arrays.equals(kept, after), "after write " + cut);
                }
            }
            assertGood(left, options);
        }
    }
}
