package jkvm.boot;

import static jkvm.boot.BootFixture.MIB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlatImageTest {
    @TempDir
    private Path folder;
    private BootFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new BootFixture(folder, 2 * MIB);
    }

    @Test
    void shouldLoadAFileAnywhereInRam() {
        Path file = fixture.file("image", new byte[] {1, 2, 3});

        FlatImage.load(file, 0xFFFFE, fixture.memory());

        assertArrayEquals(new byte[] {0, 1, 2, 3, 0}, fixture.bytes(0xFFFFD, 5));
    }

    @Test
    void shouldRefuseWhatDoesNotFit() {
        Path file = fixture.file("image", new byte[] {1, 2, 3});

        for (long address : new long[] {2 * MIB - 2, -2, Long.MAX_VALUE}) {
            BootException e = assertThrows(BootException.class, () -> FlatImage.load(file, address, fixture.memory()));
            assertTrue(e.getMessage().startsWith("image " + file + ": 3 bytes at 0x"), e.getMessage());
        }
    }

    @Test
    void shouldStartInRealModeBelowOneMebibyteAndInProtectedModeAbove() {
        assertEquals(EntryStates.realMode(0, 0x7C00), FlatImage.entry(0x7C00));
        assertEquals(EntryStates.realMode(0, 0xFFFF), FlatImage.entry(0xFFFF));
        assertEquals(EntryStates.realMode(0x1234, 5), FlatImage.entry(0x12345));
        assertEquals(EntryStates.protected32(MIB), FlatImage.entry(MIB));
        assertThrows(BootException.class, () -> FlatImage.entry(1L << 32));
    }
}
