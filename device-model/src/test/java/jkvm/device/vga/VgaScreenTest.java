package jkvm.device.vga;

import static jkvm.device.vga.VgaFixture.grey;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import jkvm.host.display.Rectangle;
import jkvm.host.display.TextScreen;
import org.junit.jupiter.api.Test;

class VgaScreenTest {
    private final VgaFixture vga = new VgaFixture();

    @Test
    void shouldBeBlackUntilTheGuestTurnsItOn() {
        assertTrue(vga.render());
        assertEquals(720, vga.picture.width());
        assertFalse(vga.render());
        vga.textMode();
        assertTrue(vga.render());
        assertEquals(400, vga.picture.height());
        vga.in(0x3DA);
        vga.out(0x3C0, 0);
        assertTrue(vga.render());
        assertEquals(0, vga.pixel(0, 0));
    }

    @Test
    void shouldDrawGlyphsWithNineDotsInTheirColours() {
        vga.textMode();
        vga.glyph('A', 0x81, 0x01);
        vga.glyph(0xC4, 0x01);
        vga.storeWord(0xB8000, 0x1E41);
        vga.storeWord(0xB8002, 0x07C4);
        vga.crtc(0x0A, 0x20);
        vga.render();
        assertEquals(grey(14), vga.pixel(0, 0));
        assertEquals(grey(1), vga.pixel(1, 0));
        assertEquals(grey(14), vga.pixel(7, 1));
        assertEquals(grey(1), vga.pixel(8, 1), "the ninth dot of a letter is background");
        assertEquals(grey(7), vga.pixel(9 + 8, 0), "that of a line goes on");
    }

    @Test
    void shouldDrawChangedCellsAlone() {
        vga.textMode();
        vga.crtc(0x0A, 0x20);
        vga.render();
        assertFalse(vga.render());
        vga.storeWord(0xB8000 + (80 * 2 + 3) * 2, 0x4020);
        assertTrue(vga.render());
        assertEquals(1, vga.picture.changeCount());
        assertEquals(new Rectangle(27, 32, 9, 16), vga.picture.changed(0));
    }

    @Test
    void shouldMoveAndBlinkTheCursor() {
        vga.textMode();
        vga.crtc(0x0F, 2);
        vga.storeWord(0xB8004, 0x0720);
        vga.render();
        assertEquals(grey(7), vga.pixel(18, 13));
        assertEquals(0, vga.pixel(18, 12));
        vga.clock.advance(Duration.ofMillis(230));
        assertTrue(vga.render());
        assertEquals(0, vga.pixel(18, 13));
    }

    @Test
    void shouldDrawAllAnewWhenAShapeChanges() {
        vga.textMode();
        vga.storeWord(0xB8000, 0x0741);
        vga.render();
        vga.glyph('A', 0xFF);
        assertTrue(vga.render());
        assertEquals(grey(7), vga.pixel(3, 0));
    }

    @Test
    void shouldUseTheSecondFontForBrightCharacters() {
        vga.textMode();
        vga.sequencer(3, 0x04);
        vga.memory.writeDirectly(('A' * 32 + 0) * 4 + 2 + 2 * 8192 * 4, 0xFF);
        vga.storeWord(0xB8000, 0x0F41);
        vga.storeWord(0xB8002, 0x0741);
        vga.render();
        assertEquals(grey(15), vga.pixel(0, 0));
        assertEquals(0, vga.pixel(9, 0));
    }

    @Test
    void shouldGiveTheCharacters() {
        vga.textMode();
        String text = "Hello";
        for (int i = 0; i < text.length(); i++) {
            vga.storeWord(0xB8000 + 160 + 2 * i, 0x0700 | text.charAt(i));
        }
        vga.crtc(0x0F, 85);
        TextScreen screen = vga.vga.screen().text().orElseThrow();
        assertEquals("Hello", screen.lines().get(1).replace("\0", " ").strip());
        assertEquals(80, screen.columns());
        assertEquals(25, screen.rows());
        assertEquals(85, screen.cursor());
        vga.mode13();
        assertTrue(vga.vga.screen().text().isEmpty());
    }

    @Test
    void shouldSplitTheScreenAndStartWhereTheRegistersSay() {
        vga.textMode();
        vga.crtc(0x0A, 0x20);
        vga.storeWord(0xB8000, 0x2000);
        vga.storeWord(0xB8000 + 160, 0x3000);
        vga.crtc(0x0D, 80);
        vga.crtc(7, 0x0F);
        vga.crtc(9, 0x0F);
        vga.crtc(0x18, 64);
        vga.render();
        assertEquals(grey(3), vga.pixel(0, 0));
        assertEquals(grey(2), vga.pixel(0, 64));
    }

    @Test
    void shouldDoublePixelsAndLinesInMode13() {
        vga.mode13();
        vga.store(0xA0000 + 320 + 5, 0x2A);
        vga.render();
        assertEquals(640, vga.picture.width());
        assertEquals(400, vga.picture.height());
        for (int[] place : new int[][] {{10, 2}, {11, 2}, {10, 3}, {11, 3}}) {
            assertEquals(grey(0x2A), vga.pixel(place[0], place[1]));
        }
        assertEquals(0, vga.pixel(12, 2));
        assertEquals(0, vga.pixel(10, 4));
    }

    @Test
    void shouldMarkNoMoreThanTheChangedPixels() {
        vga.mode13();
        vga.render();
        vga.store(0xA0000 + 320 * 10 + 4, 0x11);
        assertTrue(vga.render());
        assertEquals(1, vga.picture.changeCount());
        assertEquals(new Rectangle(8, 20, 2, 2), vga.picture.changed(0));
        vga.store(0xA0000 + 320 * 10 + 4, 0x11);
        assertFalse(vga.render(), "the same value is no change");
    }

    @Test
    void shouldShowUnchainedPixelsAndPanThem() {
        vga.mode13();
        vga.sequencer(4, 6);
        vga.crtc(0x17, 0xE3);
        vga.sequencer(2, 4);
        vga.store(0xA0000, 0x15);
        vga.render();
        assertEquals(grey(0x15), vga.pixel(4, 0));
        vga.attribute(0x13, 4);
        vga.out(0x3C0, 0x20);
        vga.render();
        assertEquals(grey(0x15), vga.pixel(0, 0));
        vga.crtc(0x0D, 1);
        vga.render();
        assertEquals(0, vga.pixel(0, 0));
    }

    @Test
    void shouldShowPlanesAsSixteenColours() {
        vga.mode13();
        vga.sequencer(4, 6);
        vga.graphics(5, 0);
        vga.crtc(9, 0);
        vga.crtc(0x17, 0xE3);
        vga.sequencer(2, 0x0A);
        vga.graphics(8, 0xFF);
        vga.store(0xA0000, 0x81);
        vga.render();
        assertEquals(grey(10), vga.pixel(0, 0));
        assertEquals(0, vga.pixel(1, 0));
        assertEquals(grey(10), vga.pixel(7, 0));
        vga.attribute(0x12, 0x02);
        vga.out(0x3C0, 0x20);
        vga.render();
        assertEquals(grey(2), vga.pixel(0, 0), "of plane 1 alone");
    }

    @Test
    void shouldShowTheFourColoursOfACga() {
        vga.mode13();
        vga.sequencer(1, 9);
        vga.sequencer(4, 2);
        vga.graphics(5, 0x30);
        vga.graphics(6, 0x0F);
        vga.crtc(0x11, 0);
        vga.crtc(1, 0x27);
        vga.crtc(9, 0xC1);
        vga.crtc(0x13, 0x14);
        vga.crtc(0x17, 0xA2);
        vga.store(0xB8000, 0x1B);
        vga.store(0xBA000 + 1, 0xC0);
        vga.render();
        assertEquals(640, vga.picture.width());
        assertEquals(grey(0), vga.pixel(0, 0));
        assertEquals(grey(1), vga.pixel(2, 0));
        assertEquals(grey(3), vga.pixel(7, 1));
        assertEquals(grey(3), vga.pixel(8, 2), "odd lines lie 2000h further");
    }

    @Test
    void shouldShowTrueColours() {
        vga.dispiMode(640, 480, 32);
        vga.pci.memory.dispatchWrite(VgaFixture.FRAME_BUFFER + 640 * 4 + 8, 4, 0xFF123456);
        vga.render();
        assertEquals(0x123456, vga.pixel(2, 1));
        vga.dispiMode(640, 480, 24);
        vga.pci.memory.dispatchWrite(VgaFixture.FRAME_BUFFER + 3, 4, 0x00ABCDEF);
        vga.render();
        assertEquals(0xABCDEF, vga.pixel(1, 0));
        vga.dispiMode(640, 480, 16);
        vga.storeWord(VgaFixture.FRAME_BUFFER + 4, 0x8410);
        vga.render();
        assertEquals(0x808080, vga.pixel(2, 0));
        vga.dispiMode(640, 480, 15);
        vga.storeWord(VgaFixture.FRAME_BUFFER + 6, 0x7C1F);
        vga.render();
        assertEquals(0xF800F8, vga.pixel(3, 0));
    }

    @Test
    void shouldShowAPartOfALargerVirtualScreen() {
        vga.dispiMode(640, 400, 8);
        vga.dispi(Dispi.VIRTUAL_WIDTH, 800);
        vga.greyColours();
        vga.store(VgaFixture.FRAME_BUFFER + 800 * 10 + 16, 0x21);
        vga.dispi(Dispi.X_OFFSET, 16);
        vga.dispi(Dispi.Y_OFFSET, 10);
        vga.render();
        assertEquals(grey(0x21), vga.pixel(0, 0));
    }

    @Test
    void shouldSeeWhatTheGuestWroteWithoutACall() {
        vga.dispiMode(640, 480, 32);
        vga.render();
        vga.memory.writeDirectly(640 * 4 * 100 + 4 * 7 + 1, 0x80);
        assertTrue(vga.render());
        assertEquals(new Rectangle(7, 100, 1, 1), vga.picture.changed(0));
        assertEquals(0x008000, vga.pixel(7, 100));
    }
}
