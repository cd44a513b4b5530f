package jkvm.device.vga;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import jkvm.bus.StateRoundTrip;
import jkvm.state.StateException;
import org.junit.jupiter.api.Test;

/** THREATS 75: a guest that writes anything anywhere. */
class VgaHostileTest {
    private static final long SEED = 75;
    private static final int ACCESSES = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 60_000;
    private static final int[] PORTS = {0x3B4, 0x3B5, 0x3BA, 0x3C0, 0x3C1, 0x3C2, 0x3C4, 0x3C5, 0x3C6, 0x3C7, 0x3C8,
        0x3C9, 0x3CE, 0x3CF, 0x3D4, 0x3D5, 0x3DA};
    private static final int[] DISPI_VALUES = {0, 1, 4, 8, 15, 16, 24, 32, 640, 1023, 16000, 0x7FFF, 0xFFFF, 0x41};

    private final VgaFixture vga = new VgaFixture();
    private final Random random = new Random(SEED);

    @Test
    void shouldSurviveRandomRegistersAndMemory() {
        vga.mode13();
        for (int i = 0; i < ACCESSES; i++) {
            act();
            if (random.nextInt(500) == 0) {
                vga.render();
                assertTrue(vga.picture.width() > 0 && vga.picture.height() > 0, "seed " + SEED + ", access " + i);
                vga.vga.screen().text();
                vga.clock.advanceMillis(17);
            }
        }
        StateRoundTrip.load(new VgaFixture().vga, StateRoundTrip.save(vga.vga));
    }

    private void act() {
        int size = 1 << random.nextInt(4);
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> vga.pci.ports.dispatchWrite(PORTS[random.nextInt(PORTS.length)],
                    Math.min(size, 4), random.nextInt() & 0xFFFFFFFFL);
            case 3 -> vga.pci.ports.dispatchRead(0x3B0 + random.nextInt(0x30), Math.min(size, 4));
            case 4 -> vga.dispi(random.nextInt(12), random.nextBoolean() ? random.nextInt(0x10000)
                    : DISPI_VALUES[random.nextInt(DISPI_VALUES.length)]);
            case 5, 6 -> vga.pci.memory.dispatchWrite(0xA0000 + random.nextInt(0x20000), size, random.nextLong());
            case 7 -> vga.pci.memory.dispatchRead(0xA0000 + random.nextInt(0x20000), size);
            case 8 -> vga.pci.memory.dispatchWrite(VgaFixture.FRAME_BUFFER + random.nextInt(VgaFixture.MEMORY_SIZE),
                    size, random.nextLong());
            default -> {
                long at = VgaFixture.REGISTERS + random.nextInt(4096);
                vga.pci.memory.dispatchRead(at, size);
                vga.pci.memory.dispatchWrite(at, size, random.nextLong());
            }
        }
    }

    @Test
    void shouldReadBackEachRegisterWithinItsMaskInASweep() {
        vga.out(0x3C2, 1);
        vga.crtc(0x11, 0);
        for (int index = 0; index < 256; index++) {
            for (int port : new int[] {0x3C4, 0x3CE}) {
                vga.out(port, index);
                vga.out(port + 1, 0xFF);
                int all = vga.in(port + 1);
                vga.out(port + 1, 0);
                assertEquals(0, vga.in(port + 1));
                vga.out(port + 1, 0xA5);
                assertEquals(0xA5 & all, vga.in(port + 1));
            }
            vga.render();
        }
    }

    @Test
    void shouldShowNoMoreThanItsLimitOfPixels() {
        VgaFixture.FakeMemory memory = new VgaFixture.FakeMemory(16 << 20);
        VgaCore core = new VgaCore(memory, vga.clock);
        core.dispi().write(Dispi.X_RESOLUTION, 16000);
        core.dispi().write(Dispi.Y_RESOLUTION, 12000);
        core.dispi().write(Dispi.BITS, 4);
        core.dispi().write(Dispi.ENABLE, 1);
        core.writePort(0x3C0, 0x20);
        VgaScreen screen = new VgaScreen(core, vga.clock);
        screen.render(vga.picture);
        assertEquals(16000, vga.picture.width());
        assertTrue(vga.picture.height() > 500 && vga.picture.height() * 16000 <= 1 << 23);
    }

    @Test
    void shouldTakeAStateOfAnyRegistersThatIsWellFormed() {
        byte[] state = StateRoundTrip.save(vga.vga);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = state.clone();
            damaged[random.nextInt(Math.min(state.length, 2000))] ^= (byte) (1 << random.nextInt(8));
            try {
                StateRoundTrip.load(vga.vga, damaged);
            } catch (StateException e) {
                continue;
            }
            vga.render();
        }
        StateRoundTrip.load(vga.vga, state);
        assertEquals(0, vga.in(0x3CC));
    }
}
