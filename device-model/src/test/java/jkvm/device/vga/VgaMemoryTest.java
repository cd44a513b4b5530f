package jkvm.device.vga;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The window at A0000h: planes, latches, write and read modes, chained and odd and even bytes. */
class VgaMemoryTest {
    private static final long WINDOW = 0xA0000;
    private final VgaFixture vga = new VgaFixture();

    @BeforeEach
    void planar() {
        vga.out(0x3C2, 1);
        vga.sequencer(2, 0x0F);
        vga.sequencer(4, 6);
        vga.graphics(1, 0);
        vga.graphics(3, 0);
        vga.graphics(5, 0);
        vga.graphics(6, 5);
        vga.graphics(8, 0xFF);
    }

    private int plane(int plane, int address) {
        return vga.memory.at(address * 4 + plane);
    }

    private void planes(int address, int p0, int p1, int p2, int p3) {
        int[] values = {p0, p1, p2, p3};
        for (int i = 0; i < 4; i++) {
            vga.sequencer(2, 1 << i);
            vga.store(WINDOW + address, values[i]);
        }
        vga.sequencer(2, 0x0F);
    }

    @Test
    void shouldWriteThePlanesOfTheMapMaskAlone() {
        vga.sequencer(2, 5);
        vga.store(WINDOW + 7, 0xA5);
        assertEquals(0xA5, plane(0, 7));
        assertEquals(0, plane(1, 7));
        assertEquals(0xA5, plane(2, 7));
    }

    @Test
    void shouldReadThePlaneOfTheReadMapSelect() {
        planes(3, 1, 2, 3, 4);
        for (int i = 0; i < 4; i++) {
            vga.graphics(4, i);
            assertEquals(i + 1, vga.load(WINDOW + 3));
        }
    }

    @Test
    void shouldSetOrResetPlanesInWriteMode0() {
        vga.graphics(0, 0x0A);
        vga.graphics(1, 0x03);
        vga.store(WINDOW, 0x3C);
        assertEquals(0x00, plane(0, 0));
        assertEquals(0xFF, plane(1, 0));
        assertEquals(0x3C, plane(2, 0));
        assertEquals(0x3C, plane(3, 0));
    }

    @Test
    void shouldRotateAndCombineWithTheLatches() {
        planes(0, 0xF0, 0xF0, 0xF0, 0xF0);
        vga.load(WINDOW);
        vga.graphics(3, 0x08 | 1);
        vga.store(WINDOW + 1, 0x81);
        assertEquals(0xC0, plane(0, 1), "rotated to C0, and");
        vga.graphics(3, 0x10);
        vga.store(WINDOW + 2, 0x0C);
        assertEquals(0xFC, plane(1, 2), "or");
        vga.graphics(3, 0x18);
        vga.store(WINDOW + 3, 0xFF);
        assertEquals(0x0F, plane(2, 3), "xor");
    }

    @Test
    void shouldKeepTheLatchedBitsOutsideOfTheBitMask() {
        planes(5, 0x55, 0xAA, 0, 0xFF);
        vga.load(WINDOW + 5);
        vga.graphics(8, 0x0F);
        vga.store(WINDOW + 5, 0xFF);
        assertEquals(0x5F, plane(0, 5));
        assertEquals(0xAF, plane(1, 5));
        assertEquals(0x0F, plane(2, 5));
    }

    @Test
    void shouldCopyTheLatchesInWriteMode1() {
        planes(0, 1, 2, 3, 4);
        vga.load(WINDOW);
        vga.graphics(5, 1);
        vga.graphics(8, 0);
        vga.store(WINDOW + 9, 0xEE);
        assertEquals(1, plane(0, 9));
        assertEquals(4, plane(3, 9));
    }

    @Test
    void shouldSpreadAColourInWriteMode2AndMaskByDataInWriteMode3() {
        vga.graphics(5, 2);
        vga.store(WINDOW, 0x05);
        assertEquals(0xFF, plane(0, 0));
        assertEquals(0, plane(1, 0));
        vga.load(WINDOW + 1);
        vga.graphics(5, 3);
        vga.graphics(0, 0x02);
        vga.store(WINDOW + 1, 0x18);
        assertEquals(0, plane(0, 1));
        assertEquals(0x18, plane(1, 1));
    }

    @Test
    void shouldCompareColoursInReadMode1() {
        planes(0, 0b1100, 0b1010, 0, 0);
        vga.graphics(5, 8);
        vga.graphics(2, 3);
        vga.graphics(7, 0x0F);
        assertEquals(0b1000, vga.load(WINDOW));
        vga.graphics(7, 0x01);
        assertEquals(0b1100, vga.load(WINDOW), "three planes do not care");
    }

    @Test
    void shouldHaveFourPlanesByteByByteWhenChained() {
        vga.sequencer(4, 0x0E);
        vga.storeWord(WINDOW + 0x102, 0x2211);
        assertEquals(0x11, vga.memory.at(0x102));
        assertEquals(0x22, vga.load(WINDOW + 0x103));
        vga.sequencer(2, 0x0B);
        vga.store(WINDOW + 0x102, 0x77);
        assertEquals(0x11, vga.load(WINDOW + 0x102), "plane 2 is masked");
    }

    @Test
    void shouldHaveCharactersAndAttributesInTwoPlanesInOddEvenMode() {
        vga.textMode();
        vga.storeWord(0xB8000 + 4, 0x1741);
        assertEquals(0x41, plane(0, 2));
        assertEquals(0x17, plane(1, 2));
        assertEquals(0x17, vga.load(0xB8005));
    }

    @Test
    void shouldSeeTheWindowWhereTheMapSelectPutsIt() {
        vga.graphics(6, 0x09);
        assertEquals(0xFF, vga.load(0xA0000));
        vga.store(0xB0000, 9);
        assertEquals(9, plane(0, 0));
        vga.graphics(6, 0x0D);
        assertEquals(0xFF, vga.load(0xB0000));
        assertEquals(9, vga.load(0xB8000));
        vga.graphics(6, 0x01);
        assertEquals(9, vga.load(0xA0000));
        vga.store(0xB0000, 3);
        assertEquals(3, plane(0, 0x10000));
    }

    @Test
    void shouldAddTheBankToTheWindow() {
        vga.dispiMode(640, 480, 8);
        vga.dispi(Dispi.BANK, 3);
        vga.store(WINDOW + 5, 0x42);
        assertEquals(0x42, vga.memory.at(0x30005));
        assertEquals(0x42, vga.load(VgaFixture.FRAME_BUFFER + 0x30005));
    }

    /** THREATS 75: planes beyond memory. */
    @Test
    void shouldReadAllOnesAndWriteNothingBeyondTheMemory() {
        vga.dispiMode(640, 480, 4);
        vga.dispi(Dispi.BANK, 63);
        vga.sequencer(4, 6);
        vga.store(WINDOW + 0xFFFF, 0x42);
        assertEquals(0xFF, vga.load(WINDOW + 0xFFFF));
    }
}
