package jkvm.boot;

import static jkvm.boot.BootFixture.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import jkvm.linux.FfmSyscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootFileTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path folder;
    private BootFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new BootFixture(folder, 4 * MIB);
    }

    @Test
    @DisplayName("should refuse an empty path")
    void shouldRefuseAnEmptyPath() {
        assertEquals("kernel: the path is empty; name a file", fixture.refusal(fixture.request(Path.of(""), "")));
    }

    @Test
    @DisplayName("should refuse an empty initrd path")
    void shouldRefuseAnEmptyInitrdPath() {
        Path kernel = fixture.file("kernel", new BzImageBuilder().build());

        assertEquals("initrd: the path is empty; name a file", fixture.refusal(fixture.request(kernel, "", "")));
    }

    @Test
    @DisplayName("should refuse a directory")
    void shouldRefuseADirectory() {
        assertEquals("kernel " + folder + ": is a directory; name a file",
                fixture.refusal(fixture.request(folder, "")));
    }

    @Test
    void shouldRefuseAMissingFile() {
        Path missing = folder.resolve("missing");

        assertEquals("kernel " + missing + ": no such file", fixture.refusal(fixture.request(missing, "")));
    }

    @Test
    @DisplayName("should refuse a FIFO without waiting for its writer")
    void shouldRefuseAFifoWithoutWaitingForItsWriter() throws IOException, InterruptedException {
        Path fifo = folder.resolve("fifo");
        assumeTrue(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0, "mkfifo failed");

        String message = assertTimeoutPreemptively(Duration.ofSeconds(2),
                () -> fixture.refusal(fixture.request(fifo, "")));

        assertEquals("kernel " + fifo + ": is not a regular file; copy its content into one", message);
    }

    @Test
    @DisplayName("should refuse a sparse kernel of 64 GiB at once")
    void shouldRefuseASparseKernelAtOnce() {
        Path zeros = fixture.sparseFile("zeros", new byte[0], 64 * GIB);
        Path linux = fixture.sparseFile("linux", new BzImageBuilder().build(), 64 * GIB);
        Path multiboot = fixture.sparseFile("multiboot",
                MultibootBuilder.image(0x100000, 0x100000, 0, 0, 0x100020), 64 * GIB);

        assertTrue(fixture.refusal(fixture.request(zeros, "")).contains("is no Linux bzImage"));
        assertTrue(fixture.refusal(fixture.request(linux, "")).contains("needs 65536 MiB of RAM"));
        assertTrue(fixture.refusal(fixture.request(multiboot, "")).contains("wants 68719476736 bytes of memory"));
    }

    @Test
    @DisplayName("should refuse a sparse initrd of 64 GiB at once, for every kind of kernel")
    void shouldRefuseASparseInitrdAtOnce() {
        String initrd = fixture.sparseFile("initrd", new byte[0], 64 * GIB).toString();
        byte[] code = {(byte) 0xF4};
        byte[][] kernels = {new BzImageBuilder().build(),
            MultibootBuilder.image(0x100000, 0x100000, 0, 0, 0x100020, code),
            ElfBuilder.elf32().entry(0x100000).load(0x100000, code).build()};
        for (byte[] kernel : kernels) {
            BootException e = fixture.refused(fixture.request(fixture.file("kernel", kernel), "", initrd));

            assertTrue(e.getMessage().startsWith("initrd " + initrd + ": 68719476736 bytes "), e.getMessage());
            assertEquals(BootException.Kind.NOT_ENOUGH_MEMORY, e.kind());
        }
    }

    @Test
    void shouldStreamABigInitrdWithoutACopyOnTheHeap() throws IOException {
        long size = 130L * MIB;
        try (Arena arena = Arena.ofShared()) {
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena, 256 * MIB);
            fixture = new BootFixture(folder, memory);
            Path initrd = fixture.sparseFile("initrd", new byte[] {1}, size);
            for (long offset : new long[] {64L * MIB - 1, 64L * MIB, 128L * MIB, size - 1}) {
                fixture.patch(initrd, offset, (byte) 2);
            }
            BootRequest request = fixture.request(fixture.file("kernel", new BzImageBuilder().build()), "",
                    initrd.toString());
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();

            BootLoaders.load(request);

            assertTrue(threads.getCurrentThreadAllocatedBytes() - before < MIB);
            long start = memory.readInt(0x7218);
            assertEquals(1, memory.readByte(start));
            assertEquals(0x0202, memory.readShort(start + 64L * MIB - 1));
            assertEquals(2, memory.readByte(start + 128L * MIB));
            assertEquals(2, memory.readByte(start + size - 1));
        }
    }

    @Test
    void shouldTellFilesOfNoKnownFormatApart() {
        for (byte[] flat : new byte[][] {new byte[512], new byte[0]}) {
            BootRequest request = fixture.request(fixture.file("kernel", flat), "");
            BootException e = assertThrows(BootException.class, () -> BootLoaders.load(request));
            assertEquals(BootException.Kind.UNKNOWN_FORMAT, e.kind());
            assertEquals(Optional.of(BootException.Role.KERNEL), e.role());
            assertEquals("kernel " + e.file() + ": " + e.problem(), e.getMessage());
        }
        fixture.assertRefused(new byte[512], "is no Linux bzImage, multiboot image or ELF file");
        fixture.assertRefused(new byte[0], "is empty");
    }
}
