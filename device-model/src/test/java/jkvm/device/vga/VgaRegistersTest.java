package jkvm.device.vga;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.bus.StateRoundTrip;
import org.junit.jupiter.api.Test;

class VgaRegistersTest {
    private final VgaFixture vga = new VgaFixture();

    @Test
    void shouldKeepTheBitsThatARegisterHas() {
        vga.sequencer(1, 0xFF);
        vga.sequencer(4, 0xFF);
        vga.out(0x3C4, 0xF9);
        assertEquals(1, vga.in(0x3C4));
        assertEquals(0x3D, vga.in(0x3C5));
        vga.graphics(5, 0xFF);
        assertEquals(0x7B, vga.in(0x3CF));
        vga.out(0x3C2, 0xFF);
        assertEquals(0xEF, vga.in(0x3CC));
    }

    @Test
    void shouldAnswerAtOneOfTwoPlaces() {
        vga.out(0x3C2, 0);
        vga.out(0x3B4, 5);
        vga.out(0x3B5, 0x33);
        assertEquals(0xFF, vga.in(0x3D4));
        assertEquals(0x33, vga.in(0x3B5));
        vga.out(0x3C2, 1);
        assertEquals(0xFF, vga.in(0x3B5));
        assertEquals(0x33, vga.in(0x3D5));
    }

    @Test
    void shouldProtectTheFirstRegistersButOneBit() {
        vga.out(0x3C2, 1);
        vga.crtc(7, 0x0F);
        vga.crtc(0, 0x5F);
        vga.crtc(0x11, 0x8E);
        vga.crtc(0, 1);
        vga.crtc(7, 0xF0);
        vga.crtc(0x12, 0x55);
        assertEquals(0x5F, vga.crtc(0));
        assertEquals(0x1F, vga.crtc(7), "line compare's bit is not protected");
        assertEquals(0x55, vga.crtc(0x12));
    }

    @Test
    void shouldTakeAttributesIndexAndDataInTurnAndBeginAnewAfterTheStatus() {
        vga.out(0x3C2, 1);
        vga.attribute(3, 0xFF);
        vga.out(0x3C0, 3);
        assertEquals(0x3F, vga.in(0x3C1));
        vga.in(0x3DA);
        vga.out(0x3C0, 0x34);
        assertEquals(0, vga.in(0x3C0), "data is expected");
        vga.in(0x3DA);
        assertEquals(0x34, vga.in(0x3C0));
    }

    @Test
    void shouldChangeAColourWithItsThirdPart() {
        vga.out(0x3C8, 7);
        vga.out(0x3C9, 1);
        vga.out(0x3C9, 2);
        vga.out(0x3C7, 7);
        assertEquals(3, vga.in(0x3C7));
        assertEquals(0, vga.in(0x3C9));
        vga.out(0x3C8, 7);
        for (int part : new int[] {0x3F, 0x20, 0x01, 9}) {
            vga.out(0x3C9, part);
        }
        vga.out(0x3C7, 7);
        assertEquals(0x3F, vga.in(0x3C9));
        assertEquals(0x20, vga.in(0x3C9));
        assertEquals(0x01, vga.in(0x3C9));
        assertEquals(8, vga.in(0x3C8));
        assertEquals(0xFF, vga.in(0x3C6));
    }

    @Test
    void shouldShowTheRetraceAsTimeGoes() {
        vga.textMode();
        long frame = 1_000_000_000L * 449 * 100 * 9 / 28_322_000;
        int retraces = 0;
        int hidden = 0;
        for (int i = 0; i < 1000; i++) {
            int status = vga.in(0x3DA);
            retraces += status >> 3 & 1;
            hidden += status & 1;
            vga.clock.advanceNanos(frame / 1000);
        }
        assertTrue(retraces > 60 && retraces < 100, "retraces: " + retraces);
        assertTrue(hidden > 200 && hidden < 400, "hidden: " + hidden);
    }

    @Test
    void shouldOfferTheDisplayInterface() {
        assertEquals(0xB0C5, vga.dispi(Dispi.ID));
        vga.dispi(Dispi.ID, 0xB0C2);
        assertEquals(0xB0C2, vga.dispi(Dispi.ID));
        vga.dispi(Dispi.ID, 0x1234);
        assertEquals(0xB0C2, vga.dispi(Dispi.ID));
        assertEquals(VgaFixture.MEMORY_SIZE >> 16, vga.dispi(Dispi.MEMORY_64K));
        vga.dispi(Dispi.ENABLE, 2);
        assertEquals(16000, vga.dispi(Dispi.X_RESOLUTION));
        assertEquals(12000, vga.dispi(Dispi.Y_RESOLUTION));
        assertEquals(32, vga.dispi(Dispi.BITS));
    }

    /** THREATS 75: modes that do not fit. */
    @Test
    void shouldMakeModesFitIntoTheMemory() {
        vga.dispiMode(1283, 0xFFFF, 32);
        assertEquals(1280, vga.dispi(Dispi.X_RESOLUTION));
        assertEquals(VgaFixture.MEMORY_SIZE / (1280 * 4), vga.dispi(Dispi.Y_RESOLUTION));
        vga.dispiMode(640, 480, 32);
        vga.dispi(Dispi.VIRTUAL_WIDTH, 100);
        assertEquals(640, vga.dispi(Dispi.VIRTUAL_WIDTH));
        vga.dispi(Dispi.VIRTUAL_WIDTH, 800);
        assertEquals(VgaFixture.MEMORY_SIZE / 3200, vga.dispi(Dispi.VIRTUAL_HEIGHT));
        vga.dispi(Dispi.Y_OFFSET, 900);
        assertEquals(0, vga.dispi(Dispi.Y_OFFSET));
        vga.dispi(Dispi.Y_OFFSET, 800);
        assertEquals(800, vga.dispi(Dispi.Y_OFFSET));
        vga.dispiMode(0, 0, 7);
        assertEquals(8, vga.dispi(Dispi.X_RESOLUTION));
        assertEquals(1, vga.dispi(Dispi.Y_RESOLUTION));
        assertEquals(8, vga.dispi(Dispi.BITS));
        StateRoundTrip.copy(vga.vga, new VgaFixture().vga);
    }

    @Test
    void shouldClearTheScreenUnlessToldNotTo() {
        vga.store(VgaFixture.FRAME_BUFFER + 100, 9);
        vga.dispi(Dispi.X_RESOLUTION, 640);
        vga.dispi(Dispi.Y_RESOLUTION, 480);
        vga.dispi(Dispi.BITS, 8);
        vga.dispi(Dispi.ENABLE, 0x81);
        assertEquals(9, vga.memory.at(100));
        vga.dispi(Dispi.ENABLE, 0);
        vga.dispi(Dispi.ENABLE, 1);
        assertEquals(0, vga.memory.at(100));
    }

    @Test
    void shouldShowPortsAndDispiAndEdidInTheSecondRange() {
        vga.pci.memory.dispatchWrite(VgaFixture.REGISTERS + 0x402, 1, 0x67);
        assertEquals(0x67, vga.in(0x3CC));
        assertEquals(0xB0C5, vga.pci.memory.dispatchRead(VgaFixture.REGISTERS + 0x500, 2) & 0xFFFF);
        vga.pci.memory.dispatchWrite(VgaFixture.REGISTERS + 0x502, 2, 800);
        assertEquals(800, vga.dispi(Dispi.X_RESOLUTION));
        assertEquals(8, vga.pci.memory.dispatchRead(VgaFixture.REGISTERS + 0x600, 4) & 0xFFFFFFFFL);
        assertEquals(0x00FFFFFFFFFFFF00L, vga.pci.memory.dispatchRead(VgaFixture.REGISTERS, 8));
        int sum = 0;
        for (int i = 0; i < 128; i++) {
            sum += vga.load(VgaFixture.REGISTERS + i);
        }
        assertEquals(0, sum & 0xFF, "EDID's checksum");
        assertEquals(1280 & 0xFF, vga.load(VgaFixture.REGISTERS + 56));
    }

    @Test
    void shouldSaveAllOfItsState() {
        vga.mode13();
        vga.store(0xA1234, 0x5A);
        vga.dispi(Dispi.X_RESOLUTION, 800);
        VgaFixture other = new VgaFixture();
        other.store(0xA0000, 7);
        StateRoundTrip.copy(vga.vga, other.vga);
        assertEquals(0x5A, other.memory.at(0x1234));
        assertEquals(800, other.dispi(Dispi.X_RESOLUTION));
        vga.vga.reset();
        assertEquals(0, vga.in(0x3CC));
        assertEquals(0x5A, vga.memory.at(0x1234), "a reset leaves the memory");
    }
}
