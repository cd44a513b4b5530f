package jkvm.bios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The ROM's image, and what programs look for at its fixed addresses. */
class BiosRomTest {

    @TestFactory
    Stream<DynamicTest> shouldBeWhatItsSourceMakes() {
        return GuestImages.check("bios", "src/main/guest/bios", "src/main/resources/jkvm/bios");
    }

    @Test
    void shouldHaveDateAndModelWhereProgramsLook() {
        byte[] image = BiosRom.image();

        assertEquals("06/23/99", new String(image, 0xFFF5, 8, StandardCharsets.US_ASCII));
        assertEquals((byte) 0xFC, image[0xFFFE]);
    }

    @Test
    void shouldLeadUnusedVectorsToTheInterruptReturnOfIbmsPcs() {
        byte[] image = BiosRom.image();

        assertEquals(0x53, image[BiosRom.VECTORS_OFFSET + 2 * 0xFF] & 0xFF);
        assertEquals(0xFF, image[BiosRom.VECTORS_OFFSET + 2 * 0xFF + 1] & 0xFF);
        assertEquals((byte) 0xCF, image[0xFF53], "IRET");
    }
}
