package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Fails changes of the file in turn, once or from there on: the first ones each, then fewer and fewer, or with {@code
 * -Djkvm.kills=} each of them.
 */
class Qcow2FaultTest {
    private static final boolean EACH = Integer.getInteger("jkvm.kills", 0) > 0;
    private static final int SIZE = 300_032;
    private static final int REQUESTS = 40;

    @ParameterizedTest(name = "{0}, always {1}, cluster size {2}, lazy refcounts {3}")
    @DisplayName("EIO or ENOSPC at any write gives the guest an error and leaves consistent tables")
    @CsvSource({"EIO,false,512,false", "EIO,true,512,false", "ENOSPC,false,512,false", "ENOSPC,true,4096,false",
            "EIO,false,65536,false", "ENOSPC,true,512,true", "EIO,false,4096,true"})
    void shouldReportFaultsAndStayConsistent(String error, boolean always, int clusterSize, boolean lazy)
            throws IOException {
        assertStaysConsistent(error, always, TestDisks.options(SIZE, clusterSize, 3, lazy));
    }

    @ParameterizedTest(name = "{0}, always {1}, {2}")
    @DisplayName("EIO or ENOSPC at any write leaves consistent subclusters")
    @CsvSource(delimiter = '|', value = {"EIO | false | extended_l2=on,cluster_size=16k",
        "ENOSPC | true | extended_l2=on,cluster_size=16k", "ENOSPC | false | extended_l2=on,cluster_size=64k"})
    void shouldReportFaultsAndKeepSubclustersConsistent(String error, boolean always, String options)
            throws IOException {
        assertStaysConsistent(error, always, TestDisks.options(SIZE, options));
    }

    private static void assertStaysConsistent(String error, boolean always, CreateValues options)
            throws IOException {
        byte[] base = TestDisks.randomBytes(3, SIZE / 2);
        byte[] empty = TestDisks.create(options).content();
        int nth = 1;
        boolean reached = true;
        while (reached) {
            reached = failAt(new NthChange(nth, always, error), empty, base);
            nth += EACH ? 1 : 1 + nth / 40;
        }
        assertTrue(nth > 40, "there were too few writes");
    }

    /** @return whether there were as many changes */
    private static boolean failAt(NthChange fault, byte[] empty, byte[] base) throws IOException {
        MemoryFile file = new MemoryFile(empty);
        byte[] content = Arrays.copyOf(base, SIZE);
        DiskImage image = TestDisks.open(file, TestDisks.raw(base), false);
        file.failOn(fault);
        RandomRequests requests = new RandomRequests(image, content, 5, SIZE / 8);
        boolean failed = false;
        BitSet unknown = new BitSet();
        for (int i = 0; i < REQUESTS && !(failed && fault.isLasting() && i > REQUESTS / 2); i++) {
            try {
                requests.step();
                if (i % 5 == 4) {
                    image.flush();
                }
            } catch (NthChange.Injected e) {
                failed = true;
                // A flush has no range: then this is the range of a request that went well.
                unknown.set(requests.lastOffset(), requests.lastOffset() + requests.lastLength());
            } catch (AssertionError e) {
                // A request that failed left a mix of old and new, which the twin does not know.
                if (!failed) {
                    throw e;
                }
            }
        }
        fault.end();
        // With a disk that is well again, all that was written and did not fail is there, and can be saved.
        image.flush();
        byte[] now = TestDisks.readAll(image);
        for (int i = unknown.nextClearBit(0); i < SIZE; i = unknown.nextClearBit(i + 1)) {
            if (now[i] != requests.twin()[i]) {
                throw new AssertionError("byte " + i + " differs after a fault at change " + fault.nth());
            }
        }
        image.close();
        MemoryFile after = new MemoryFile(file.content());
        TestDisks.assertNotCorrupt(after);
        try (DiskImage again = TestDisks.open(after, TestDisks.raw(base), true)) {
            assertArrayEquals(now, TestDisks.readAll(again));
        }
        return fault.wasReached();
    }

    @ParameterizedTest(name = "{0}, always {1}")
    @DisplayName("EIO or ENOSPC at any write while the refcount table moves leaves consistent tables")
    @CsvSource({"EIO,false", "EIO,true", "ENOSPC,false", "ENOSPC,true"})
    void shouldStayConsistentWhileTheRefcountTableMoves(String error, boolean always) throws IOException {
        int size = 3 << 20;
        byte[] bytes = TestDisks.randomBytes(1, 1_900_000);
        byte[] more = TestDisks.randomBytes(2, 400_000);
        MemoryFile first = TestDisks.create(TestDisks.options(size, 512, 3, 64, false));
        try (DiskImage image = TestDisks.open(first)) {
            TestDisks.write(image, 0, bytes);
        }
        long table = Qcow2Header.read(first).refcountOffset();
        boolean reached = true;
        for (int nth = 1; reached; nth += EACH ? 1 : 1 + nth / 15) {
            NthChange fault = new NthChange(nth, always, error);
            MemoryFile file = new MemoryFile(first.content());
            DiskImage image = TestDisks.open(file);
            file.failOn(fault);
            for (int i = 0; i < 3; i++) {
                try {
                    TestDisks.write(image, bytes.length, more);
                    image.flush();
                } catch (NthChange.Injected e) {
                    TestDisks.assertNotCorrupt(file);
                }
            }
            fault.end();
            TestDisks.write(image, bytes.length, more);
            image.close();
            TestDisks.assertNotCorrupt(file);
            assertNotEquals(table, Qcow2Header.read(file).refcountOffset());
            DiskImage again = TestDisks.open(file, null, true);
            assertArrayEquals(bytes, TestDisks.read(again, 0, bytes.length));
            assertArrayEquals(more, TestDisks.read(again, bytes.length, more.length));
            reached = fault.wasReached();
        }
    }

    @Test
    void shouldFlushAlthoughTheHostCannotGiveSpaceBack() throws IOException {
        MemoryFile file = TestDisks.create(CreateValues.ofSize(1 << 20));
        DiskImage image = TestDisks.open(file);
        TestDisks.write(image, 0, new byte[1 << 18]);
        image.flush();
        file.failOn(change -> {
            if (change.kind() == MemoryFile.Kind.PUNCH) {
                throw new NthChange.Injected("EIO");
            }
        });
        image.discard(0, 1 << 18);
        image.flush();
        image.close();
        TestDisks.assertClean(file);
    }

    @ParameterizedTest(name = "flush {0} fails")
    @DisplayName("a flush that fails is reported by the request that needed it")
    @CsvSource({"1", "2", "3"})
    void shouldReportAFlushThatFails(int nth) throws IOException {
        MemoryFile file = TestDisks.create(CreateValues.ofSize(1 << 20));
        DiskImage image = TestDisks.open(file);
        TestDisks.write(image, 0, new byte[] {1, 2, 3});
        int[] flushes = {0};
        file.failOn(change -> {
            if (change.kind() == MemoryFile.Kind.FLUSH && ++flushes[0] == nth) {
                throw new NthChange.Injected("EIO");
            }
        });

        assertThrows(NthChange.Injected.class, image::flush);
        image.flush();
        image.close();

        TestDisks.assertClean(file);
    }
}
