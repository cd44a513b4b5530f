package jkvm.boot;

import static jkvm.boot.BootFixture.MIB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxLoaderTest {
    private static final int ZERO_PAGE = 0x7000;
    private static final StartRegisters REGISTERS = new StartRegisters(0, 0, 0, ZERO_PAGE, 0x8FF0);

    @TempDir
    private Path folder;
    private BootFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new BootFixture(folder, 4 * MIB);
    }

    @Test
    void shouldStartAtThe64BitEntryPoint() {
        byte[] kernel = new BzImageBuilder().preferredAddress(2 * MIB).entryCode((byte) 0xF4).build();

        EntryState state = fixture.boot(kernel);

        assertEquals(EntryStates.long64(2 * MIB + 0x200, REGISTERS), state);
        assertEquals((byte) 0xF4, fixture.memory().readByte(2 * MIB + 0x200));
    }

    @Test
    void shouldCheckAKernelAndLeaveMemoryAsItIsInARehearsal() {
        // given: memory that is another machine's
        byte[] kernel = new BzImageBuilder().preferredAddress(2 * MIB).entryCode((byte) 0xF4).build();
        fixture.memory().fill(0, 4 * MIB, (byte) 0x55);
        BootRequest asked = fixture.request(fixture.file("kernel", kernel), "quiet");

        // when
        EntryState state = BootLoaders.load(new BootRequest(asked.kernel(), asked.initrds(), asked.commandLine(),
                asked.memory(), asked.memoryMap(), asked.rsdpAddress(), true));

        // then
        assertEquals(EntryStates.long64(2 * MIB + 0x200, REGISTERS), state);
        byte[] left = new byte[4 * MIB];
        fixture.memory().read(0, left, 0, left.length);
        for (int i = 0; i < left.length; i++) {
            assertEquals(0x55, left[i]);
        }
    }

    @Test
    void shouldFillTheZeroPage() {
        Path kernel = fixture.file("kernel", new BzImageBuilder().build());
        fixture.memory().fill(ZERO_PAGE, 4096, (byte) 0x55);

        BootLoaders.load(fixture.request(kernel, "console=ttyS0 quiet"));

        GuestMemory memory = fixture.memory();
        assertEquals(BootFixture.RSDP, memory.readLong(ZERO_PAGE + 0x70));
        assertEquals(0, memory.readByte(ZERO_PAGE + 0x1EF));
        assertEquals(0x53726448, memory.readInt(ZERO_PAGE + 0x202));
        assertEquals(0x20F, memory.readShort(ZERO_PAGE + 0x206));
        assertEquals((byte) 0xFF, memory.readByte(ZERO_PAGE + 0x210));
        assertEquals((short) 0xFFFF, memory.readShort(ZERO_PAGE + 0x1FA));
        assertEquals(0x100000, memory.readInt(ZERO_PAGE + 0x214));
        assertEquals(0, memory.readInt(ZERO_PAGE + 0x218));
        assertEquals(0x20000, memory.readInt(ZERO_PAGE + 0x228));
        assertEquals("console=ttyS0 quiet", fixture.string(0x20000));
        assertEquals(0x10000, memory.readInt(ZERO_PAGE + 0x260));
    }

    @Test
    void shouldReportTheMemoryMap() {
        fixture.boot(new BzImageBuilder().build());

        long[][] expected = {{0, 0x9FC00, 1}, {0x9FC00, 0x400, 2}, {0xF0000, 0x10000, 2}, {MIB, 3 * MIB, 1},
            {0xFEFFC000L, 0x4000, 2}};
        assertEquals(expected.length, fixture.memory().readByte(ZERO_PAGE + 0x1E8));
        for (int i = 0; i < expected.length; i++) {
            long at = ZERO_PAGE + 0x2D0 + 20 * i;
            assertArrayEquals(expected[i], new long[] {fixture.memory().readLong(at), fixture.memory().readLong(at + 8),
                    fixture.memory().readInt(at + 16)});
        }
    }

    @Test
    void shouldMapLowMemoryToItself() {
        fixture.boot(new BzImageBuilder().build());

        GuestMemory memory = fixture.memory();
        assertEquals(0x00AF9B000000FFFFL, memory.readLong(0x510));
        assertEquals(0x00CF93000000FFFFL, memory.readLong(0x518));
        assertEquals(0xA003, memory.readLong(0x9000));
        assertEquals(0xE003, memory.readLong(0xA018));
        assertEquals(0x83, memory.readLong(0xB000));
        assertEquals(0xFFE00083L, memory.readLong(0xEFF8));
    }

    @Test
    void shouldPlaceInitrdsTogetherAtTheTopOfMemory() {
        String first = fixture.file("first", new byte[] {1, 2, 3, 4, 5}).toString();
        String second = fixture.file("second", new byte[] {6}).toString();
        Path kernel = fixture.file("kernel", new BzImageBuilder().build());
        fixture.memory().fill(4 * MIB - 4096, 4096, (byte) 0x55);

        BootLoaders.load(fixture.request(kernel, "", first, second));

        assertEquals(4 * MIB - 4096, fixture.memory().readInt(ZERO_PAGE + 0x218));
        assertEquals(9, fixture.memory().readInt(ZERO_PAGE + 0x21C));
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 0, 0, 0, 6, 0x55}, fixture.bytes(4 * MIB - 4096, 10));
    }

    @Test
    @DisplayName("should keep an initrd below initrd_addr_max")
    void shouldKeepAnInitrdBelowItsLimit() {
        String initrd = fixture.file("initrd", new byte[4097]).toString();
        Path kernel = fixture.file("kernel", new BzImageBuilder().word(0x22C, 2 * MIB - 1).build());

        BootLoaders.load(fixture.request(kernel, "", initrd));

        assertEquals(2 * MIB - 8192, fixture.memory().readInt(ZERO_PAGE + 0x218));
    }

    @Test
    @DisplayName("should refuse an initrd larger than the room after the kernel")
    void shouldRefuseAnInitrdThatDoesNotFit() {
        String initrd = fixture.sparseFile("initrd", new byte[1], 3 * MIB - 0x10000).toString();
        Path roomy = fixture.file("roomy", new BzImageBuilder().build());
        Path limited = fixture.file("limited", new BzImageBuilder().word(0x22C, 2 * MIB).build());
        Path large = fixture.file("large", new BzImageBuilder().word(0x260, 0x10001).build());

        BootLoaders.load(fixture.request(roomy, "", initrd));
        assertEquals(0x110000, fixture.memory().readInt(ZERO_PAGE + 0x218));
        for (Path kernel : new Path[] {limited, large}) {
            String message = fixture.refusal(fixture.request(kernel, "", initrd));
            assertTrue(message.startsWith("initrd " + initrd + ": 3080192 bytes of initial RAM disk do not fit"),
                    message);
        }
    }

    @Test
    @DisplayName("should refuse a command line longer than the kernel takes")
    void shouldRefuseALongCommandLine() {
        Path kernel = fixture.file("kernel", new BzImageBuilder().build());

        BootLoaders.load(fixture.request(kernel, "x".repeat(2047)));
        String message = fixture.refusal(fixture.request(kernel, "x".repeat(2048)));

        assertEquals("kernel " + kernel + ": takes a command line of 2047 bytes at most; this one has 2048", message);
    }

    @Test
    @DisplayName("should refuse setup sectors that are none or more than the file has")
    void shouldRefuseBadSetupSectors() {
        fixture.assertRefused(new BzImageBuilder().setupSectors(0).build(), "has 0 setup sectors");
        fixture.assertRefused(new BzImageBuilder().setupSectors(255).build(), "has 255 setup sectors");
    }

    @Test
    @DisplayName("should refuse a truncated kernel, wherever it ends")
    void shouldRefuseATruncatedKernel() {
        byte[] whole = new BzImageBuilder().build();

        for (int length = 0; length < whole.length - 16; length += 13) {
            fixture.file("kernel", Arrays.copyOf(whole, length));
            fixture.refusal(fixture.request(folder.resolve("kernel"), ""));
        }
        fixture.assertRefused(Arrays.copyOf(whole, 0x208), "is truncated");
        fixture.assertRefused(Arrays.copyOf(whole, whole.length - 16),
                "is truncated: the header announces 1024 bytes of kernel");
    }

    @Test
    @DisplayName("should refuse kernels with a bad header, and old ones by their version")
    void shouldRefuseBadHeaders() {
        fixture.assertRefused(new BzImageBuilder().word(0x202, 0x53726449).build(), "is no Linux bzImage");
        fixture.assertRefused(new BzImageBuilder().version(0x20B).build(), "boot protocol 2.11");
        fixture.assertRefused(new BzImageBuilder().half(0x1FE, 0).build(), "no boot flag");
        fixture.assertRefused(new BzImageBuilder().half(0x236, 0).build(), "no 64-bit entry point");
        fixture.assertRefused(new BzImageBuilder().half(0x200, 0xFFEB).build(), "setup header that ends at 0x301");
        fixture.assertRefused(new BzImageBuilder().half(0x200, 0x10EB).build(), "setup header that ends at 0x212");
    }

    @Test
    @DisplayName("should refuse a kernel that needs more memory than there is")
    void shouldRefuseAKernelWithoutMemory() {
        fixture.assertRefused(new BzImageBuilder().word(0x260, -1).build(), "needs 4096 MiB of RAM from 0x100000 on");
        fixture.assertRefused(new BzImageBuilder().preferredAddress(-4096).build(), "the guest has 4 MiB below 4 GiB");
        fixture.assertRefused(new BzImageBuilder().preferredAddress(16 * MIB).build(), "from 0x1000000 on");
    }
}
