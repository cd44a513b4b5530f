package jkvm.bios.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Boot records and catalogues of CDs. */
class BootCatalogTest {

    private static byte[] catalog(int media) {
        ByteBuffer bytes = ByteBuffer.allocate(BootCatalog.BLOCK_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(0, (byte) 1).putShort(0x1E, (short) 0xAA55);
        bytes.put(0x20, (byte) 0x88).put(0x21, (byte) media).putShort(0x26, (short) 4).putInt(0x28, 0x22);
        return bytes.array();
    }

    private static byte[] record() {
        byte[] block = new byte[BootCatalog.BLOCK_SIZE];
        byte[] name = "CD001\001EL TORITO SPECIFICATION".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, block, 1, name.length);
        ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).putInt(0x47, 0x9000_0021);
        return block;
    }

    @Test
    void shouldFindTheCatalogByTheRecord() {
        assertNull(BootCatalog.problem(record()));
        assertEquals(0x9000_0021L, BootCatalog.catalogBlock(record()));
    }

    @ParameterizedTest
    @CsvSource({"0, NONE", "1, FLOPPY_1_2", "2, FLOPPY_1_44", "3, FLOPPY_2_88", "4, HARD_DISK", "0x42, FLOPPY_1_44"})
    void shouldReadTheFirstEntry(String media, BootCatalog.Media expected) {
        assertEquals(new BootCatalog.Entry(expected, 0x7C0, 4, 0x22),
                BootCatalog.entry(catalog(Integer.decode(media))));
    }

    @ParameterizedTest
    @CsvSource({"0x00, 0, NO_VALIDATION", "0x01, 0xEF, OTHER_PLATFORM", "0x1E, 0, WRONG_KEY", "0x20, 0, NOT_BOOTABLE",
            "0x21, 5, OTHER_MEDIA"})
    void shouldSayWhatIsWrongWithACatalog(String offset, String value, BootCatalog.Problem problem) {
        byte[] catalog = catalog(0);
        catalog[Integer.decode(offset)] = (byte) (int) Integer.decode(value);

        assertEquals(new BootCatalog.Refused(problem), BootCatalog.entry(catalog));
    }

    @Test
    void shouldRefuseRecordsOfOtherSystems() {
        byte[] other = record();
        other[7] = 'X';
        byte[] primary = record();
        primary[0] = 1;

        assertEquals(BootCatalog.Problem.OTHER_SYSTEM, BootCatalog.problem(other));
        assertEquals(BootCatalog.Problem.OTHER_RECORD, BootCatalog.problem(primary));
    }
}
