package jkvm.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawFileTest {
    private static final int KIB = 1 << 10;

    @TempDir
    private Path folder;

    private Path rom(long size) throws Exception {
        Path path = folder.resolve("rom.bin");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
        }
        return path;
    }

    private static String refusal(Path path) {
        return assertThrows(BootException.class, () -> RawFile.readRom(path, List.of())).getMessage();
    }

    @ParameterizedTest
    @ValueSource(ints = {64 * KIB, 128 * KIB, 192 * KIB, 16 << 20})
    void shouldTakeMultiplesOf64KiB(int size) throws Exception {
        assertEquals(size, RawFile.readRom(rom(size), List.of()).length);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 64 * KIB - 1, 64 * KIB + 512, (16 << 20) + 64 * KIB, 64L << 30})
    @DisplayName("a ROM of a wrong size is refused without reading it")
    void shouldRefuseOtherSizes(long size) throws Exception {
        Path path = rom(size);
        assertEquals("firmware " + path + ": has " + size + " bytes; firmware is a multiple of 64 KiB, up to 16 MiB",
                refusal(path));
    }

    @Test
    @DisplayName("a ROM that is absent, a folder or no path at all is refused in one line")
    void shouldRefuseWhatIsNoFile() {
        assertEquals("firmware no-such-rom.bin: no such file", refusal(Path.of("no-such-rom.bin")));
        assertEquals("firmware " + folder + ": is a directory; name a file", refusal(folder));
        assertTrue(refusal(Path.of("")).startsWith("firmware: the path is empty"));
        assertEquals("firmware ./bios-256k.bin: no such file", refusal(Path.of("./bios-256k.bin")),
                "a name with a folder is looked for there only");
    }

    @Test
    void shouldRefuseAFileOverItsLimit() throws Exception {
        Path path = Files.write(folder.resolve("item"), new byte[11]);
        assertEquals(11, RawFile.read(BootException.Role.FW_CFG_FILE, path, 11).length);
        assertEquals("fw_cfg file " + path + ": has 11 bytes; the limit is 10",
                assertThrows(BootException.class,
                        () -> RawFile.read(BootException.Role.FW_CFG_FILE, path, 10)).getMessage());
    }

    @Test
    void shouldTakeAnExpansionRomByItsSignature() throws Exception {
        Path path = Files.write(folder.resolve("card.rom"), new byte[] {0x55, (byte) 0xAA, 1, 0});
        assertEquals(4, RawFile.readExpansionRom(path, List.of()).length);
        Files.write(path, new byte[] {0x55});
        assertEquals("romfile " + path + ": is not an expansion ROM, which begins with the bytes 55 AA",
                assertThrows(BootException.class, () -> RawFile.readExpansionRom(path, List.of())).getMessage());
    }

    @Test
    @DisplayName("an expansion ROM of 64 GiB is refused without reading it")
    void shouldRefuseAHugeExpansionRom() throws Exception {
        Path path = rom(64L << 30);
        assertEquals("romfile " + path + ": has 68719476736 bytes; the limit is 16777216",
                assertThrows(BootException.class, () -> RawFile.readExpansionRom(path, List.of())).getMessage());
    }

    @Test
    void shouldKnowWhetherAFileIsInstalled() throws Exception {
        assertTrue(RawFile.isInstalled(rom(1), List.of()));
        assertFalse(RawFile.isInstalled(Path.of("no-such-card.rom"), List.of()));
    }

    @Test
    void shouldLookForRomsInTheUsersFoldersFirst() throws Exception {
        Path file = rom(RawFile.ROM_UNIT);
        Path name = file.getFileName();

        assertEquals(file, RawFile.find(name, List.of(Path.of("/no/such"), file.getParent())));
        assertEquals(name, RawFile.find(name, List.of()));
        assertEquals(RawFile.ROM_UNIT, RawFile.readRom(name, List.of(file.getParent())).length);
        assertTrue(RawFile.isInstalled(name, List.of(file.getParent())));
    }
}
