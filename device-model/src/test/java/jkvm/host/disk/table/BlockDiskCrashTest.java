package jkvm.host.disk.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.qcow2.MemoryFile;
import jkvm.host.disk.qcow2.RandomRequests;
import jkvm.host.disk.qcow2.RecordedLife;
import jkvm.host.disk.qcow2.TestDisks;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends an image's life at any of its writes. */
class BlockDiskCrashTest {
    private static final int REQUESTS = 40, LARGEST = 400_000;
    private static final int CRASHES = Math.max(16, Integer.getInteger("jkvm.kills", 0));

    private static void assertSurvived(String format, RecordedLife life, int cut, MemoryFile file, String how)
            throws IOException {
        byte[] content;
        try (DiskImage image = NewDisks.open(format, file, false)) {
            content = TestDisks.readAll(image);
            life.assertKept(cut, content, how);
            RandomRequests requests = new RandomRequests(image, content, cut, LARGEST);
            for (int i = 0; i < 8; i++) {
                requests.step();
            }
            requests.verify();
            content = requests.twin();
        }
        try (DiskImage image = NewDisks.open(format, new MemoryFile(file.content()), true)) {
            assertArrayEquals(content, TestDisks.readAll(image), how);
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("a kill at any write or a power loss at any barrier loses no flushed byte")
    @ValueSource(strings = {"vdi", "vpc", "vmdk", "vhdx", "qcow", NewDisks.OVER_BASE})
    void shouldSurviveAnEndAtAnyWrite(String format) throws IOException {
        MemoryFile file = new MemoryFile(NewDisks.create(format).content());
        RecordedLife life = RecordedLife.random(file, NewDisks.open(format, file, false), REQUESTS, LARGEST, 1);
        life.end(CRASHES, 1, (cut, left, how) -> assertSurvived(format, life, cut, left, format + ": " + how));
    }
}
