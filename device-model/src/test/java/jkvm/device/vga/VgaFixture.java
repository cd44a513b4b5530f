package jkvm.device.vga;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.device.board.DeviceMemory;
import jkvm.device.pci.PciFixture;
import jkvm.host.display.Picture;
import jkvm.work.FakeClock;

/** An adapter of 4 MiB on a PCI bus, and a guest's accesses to it. */
final class VgaFixture {
    static final int MEMORY_SIZE = 4 << 20;
    static final long FRAME_BUFFER = 0xE0000000L;
    static final long REGISTERS = 0xFEBF0000L;
    private static final int[] TEXT_CRTC = {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0, 0x4F, 0x0D, 0x0E, 0, 0,
        0, 0, 0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF};
    private static final int[] MODE_13_CRTC = {0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80, 0xBF, 0x1F, 0, 0x41, 0, 0, 0, 0, 0,
        0, 0x9C, 0x8E, 0x8F, 0x28, 0x40, 0x96, 0xB9, 0xA3, 0xFF};

    final PciFixture pci = new PciFixture();
    final FakeClock clock = new FakeClock();
    final FakeMemory memory = new FakeMemory(MEMORY_SIZE);
    final Vga vga;
    final Picture picture = new Picture();

    VgaFixture() {
        vga = new Vga("vga", memory, clock, Edid.of(1280, 800));
        vga.answer(pci.ports, pci.memory);
        pci.plug(vga);
        pci.write(0x10, 4, FRAME_BUFFER);
        pci.write(0x18, 4, REGISTERS);
        pci.enable();
    }

    /** Memory whose pages the guest writes by itself only where a test says so. */
    static final class FakeMemory implements DeviceMemory {
        private final MemorySegment segment;
        long[] written = {};

        FakeMemory(int size) {
            segment = MemorySegment.ofArray(new byte[size]);
        }

        @Override
        public MemorySegment memory() {
            return segment;
        }

        @Override
        public void collectWrites(long[] pages) {
            for (int i = 0; i < written.length; i++) {
                pages[i] |= written[i];
                written[i] = 0;
            }
        }

        /** A write without a call. */
        void writeDirectly(int at, int value) {
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
            if (written.length == 0) {
                written = new long[MEMORY_SIZE / PAGE_SIZE / Long.SIZE];
            }
            written[at / PAGE_SIZE / Long.SIZE] |= 1L << at / PAGE_SIZE;
        }

        int at(int address) {
            return segment.get(ValueLayout.JAVA_BYTE, address) & 0xFF;
        }
    }

    int in(int port) {
        return (int) pci.ports.dispatchRead(port, 1) & 0xFF;
    }

    int inWord(int port) {
        return (int) pci.ports.dispatchRead(port, 2) & 0xFFFF;
    }

    void out(int port, int value) {
        pci.ports.dispatchWrite(port, 1, value);
    }

    void outWord(int port, int value) {
        pci.ports.dispatchWrite(port, 2, value);
    }

    void sequencer(int index, int value) {
        outWord(0x3C4, value << 8 | index);
    }

    void graphics(int index, int value) {
        outWord(0x3CE, value << 8 | index);
    }

    void crtc(int index, int value) {
        outWord(0x3D4, value << 8 | index);
    }

    int crtc(int index) {
        out(0x3D4, index);
        return in(0x3D5);
    }

    void attribute(int index, int value) {
        in(0x3DA);
        out(0x3C0, index);
        out(0x3C0, value);
    }

    void dispi(int index, int value) {
        outWord(0x1CE, index);
        outWord(0x1CF, value);
    }

    int dispi(int index) {
        outWord(0x1CE, index);
        return inWord(0x1CF);
    }

    int load(long address) {
        return (int) pci.memory.dispatchRead(address, 1) & 0xFF;
    }

    void store(long address, int value) {
        pci.memory.dispatchWrite(address, 1, value & 0xFF);
    }

    void storeWord(long address, int value) {
        pci.memory.dispatchWrite(address, 2, value & 0xFFFF);
    }

    private void common(int[] crtc, int misc) {
        out(0x3C2, misc);
        crtc(0x11, 0);
        for (int i = 0; i < crtc.length; i++) {
            crtc(i, crtc[i]);
        }
        for (int i = 0; i < 16; i++) {
            attribute(i, i);
        }
        attribute(0x12, 0x0F);
        greyColours();
        in(0x3DA);
        out(0x3C0, 0x20);
    }

    /** Colour N has N in all its parts, as far as six bits go. */
    private void colour(int index) {
        for (int part = 0; part < 3; part++) {
            out(0x3C9, index & 0x3F);
        }
    }

    /** Mode 3: 80 columns, 25 rows of 16 lines, cells of nine dots; no font. */
    void textMode() {
        sequencer(1, 0);
        sequencer(2, 3);
        sequencer(4, 2);
        graphics(5, 0x10);
        graphics(6, 0x0E);
        common(TEXT_CRTC, 0x67);
        attribute(0x10, 0x0C);
        attribute(0x13, 8);
        out(0x3C0, 0x20);
    }

    /** Mode 13h: 320x200 in 256 colours. */
    void mode13() {
        sequencer(1, 1);
        sequencer(2, 0x0F);
        sequencer(4, 0x0E);
        graphics(5, 0x40);
        graphics(6, 0x05);
        graphics(8, 0xFF);
        common(MODE_13_CRTC, 0x63);
        attribute(0x10, 0x41);
        out(0x3C0, 0x20);
    }

    /** A mode of the display interface. */
    void dispiMode(int width, int height, int bits) {
        dispi(Dispi.ENABLE, 0);
        dispi(Dispi.X_RESOLUTION, width);
        dispi(Dispi.Y_RESOLUTION, height);
        dispi(Dispi.BITS, bits);
        dispi(Dispi.ENABLE, 0x41);
        out(0x3C2, 1);
        in(0x3DA);
        out(0x3C0, 0x20);
    }

    /** Gives the colours the values of {@link #grey}. */
    void greyColours() {
        out(0x3C8, 0);
        for (int i = 0; i < 256; i++) {
            colour(i);
        }
    }

    /** Loads a glyph into the first font: a row per element. */
    void glyph(int character, int... rows) {
        sequencer(2, 4);
        sequencer(4, 6);
        graphics(4, 2);
        graphics(5, 0);
        graphics(6, 4);
        graphics(8, 0xFF);
        for (int i = 0; i < rows.length; i++) {
            store(0xA0000 + character * 32 + i, rows[i]);
        }
        sequencer(2, 3);
        sequencer(4, 2);
        graphics(4, 0);
        graphics(5, 0x10);
        graphics(6, 0x0E);
    }

    boolean render() {
        picture.clearChanges();
        return vga.screen().render(picture);
    }

    int pixel(int x, int y) {
        return picture.pixels()[y * picture.width() + x];
    }

    /** The colour that {@link #common} gives an index. */
    static int grey(int index) {
        int six = index & 0x3F;
        int eight = six << 2 | (six & 1) * 3;
        return eight * 0x010101;
    }
}
