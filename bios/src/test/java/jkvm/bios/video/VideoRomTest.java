package jkvm.bios.video;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The expansion ROM of the display adapter, as firmware and programs look at it. */
class VideoRomTest {
    private final byte[] image = VideoRom.image();

    @TestFactory
    Stream<DynamicTest> shouldBeWhatItsSourceMakes() {
        return GuestImages.check("bios", "src/main/guest/video", "src/main/resources/jkvm/bios/video");
    }

    @Test
    void shouldBeAnExpansionRomOfTheAdapterWithTheRightSum() {
        int sum = 0;
        for (byte value : image) {
            sum += value;
        }
        int pci = word(0x18);

        assertEquals(0xAA55, word(0));
        assertEquals(image.length, (image[2] & 0xFF) * 512);
        assertEquals(0, sum & 0xFF);
        assertEquals(0x4350, word(pci), "PCIR");
        assertEquals(0x1234, word(pci + 4));
        assertEquals(0x1111, word(pci + 6));
        assertEquals(0x0300, word(pci + 14), "class: a VGA");
    }

    @Test
    void shouldHaveItsTablesWhereTheServicesLook() {
        int mode3 = VideoRom.PARAMETERS + VideoMode.standard(3).parameters() * VideoRom.PARAMETER_SIZE;

        assertEquals(80, image[mode3]);
        assertEquals(16, image[mode3 + 2], "lines of a character");
        assertEquals(0x7E, image[VideoRom.FONT_16 + 'A' * 16 + 8] & 0xFF, "the bar of A");
        assertEquals(0xFF, image[VideoRom.FONT_8 + 0xDB * 8] & 0xFF, "the full block");
        assertEquals(0xFF, image[VideoRom.FONT_14 + 0xCD * 14 + 5] & 0xFF, "the double line reaches both edges");
    }

    private int word(int offset) {
        return image[offset] & 0xFF | (image[offset + 1] & 0xFF) << Byte.SIZE;
    }
}
