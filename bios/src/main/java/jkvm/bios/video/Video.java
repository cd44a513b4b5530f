package jkvm.bios.video;

import jkvm.bios.PhysicalMemory;
import jkvm.bios.Ports;
import jkvm.memory.GuestMemory;

/** The parts that the services of INT 10h share. All state is the adapter's and the BIOS data area's. */
final class Video {
    private static final int DEFAULT_MODE = 3;
    private static final int MODE_MASK = 0x7F;
    /** Beyond all memory of a guest: what is drawn into a frame buffer that is not mapped is lost. */
    private static final long NOWHERE = 1L << 51;

    private final VideoAdapter adapter;
    private final VgaRegisters registers;
    private final VideoData data;
    private final VbeRegisters vbe;
    private final byte[] rom = VideoRom.image();

    Video(GuestMemory ram, Ports ports, PhysicalMemory memory) {
        adapter = new VideoAdapter(ports, memory);
        registers = new VgaRegisters(adapter);
        data = new VideoData(ram);
        vbe = new VbeRegisters(adapter);
    }

    VideoAdapter adapter() {
        return adapter;
    }

    VgaRegisters registers() {
        return registers;
    }

    VideoData data() {
        return data;
    }

    VbeRegisters vbe() {
        return vbe;
    }

    /** The ROM as it was built, whatever a guest has made of its copy. Not to be changed. */
    byte[] rom() {
        return rom;
    }

    /** The current mode; mode 3 if the data area names none. */
    VideoMode mode() {
        int number = data.mode();
        VideoMode mode = number == VideoData.VBE_MODE_BYTE ? VbeModes.find(data.vbeMode())
                : VideoMode.standard(number & MODE_MASK);
        return mode == null ? VideoMode.standard(DEFAULT_MODE) : mode;
    }

    /** The character cells of the current mode. */
    Cells cells() {
        VideoMode mode = mode();
        return mode.isText() ? new TextCells(adapter, data, mode.window())
                : new GlyphCells(data, adapter.memory(), mode, pixels(mode));
    }

    /** The pixels of a graphics mode. */
    PixelFormat pixels(VideoMode mode) {
        return switch (mode.kind()) {
            case CGA, TEXT -> new PackedPixels(adapter, mode.bitsPerPixel() == 2 ? 2 : 1);
            case PLANAR -> new PlanarPixels(adapter, mode.width(), data.pageSize(), mode.bitsPerPixel());
            case LINEAR -> {
                int pixelBytes = (mode.bitsPerPixel() + 7) / Byte.SIZE;
                yield mode.isVbe()
                        ? new LinearPixels(adapter.memory(), frame(), vbe.rowBytes(), pixelBytes)
                        : new LinearPixels(adapter.memory(), VideoAdapter.WINDOW, mode.width(), pixelBytes);
            }
        };
    }

    private long frame() {
        long address = adapter.frameAddress();
        return address == 0 ? NOWHERE : address;
    }
}
