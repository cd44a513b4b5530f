package jkvm.bios.video;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jkvm.bios.Call;

/** The blocks that VBE writes for its callers at ES:DI (VBE Core Functions 3.0, sections 4.3 and 4.4). */
final class VbeBlocks {
    private static final int CONTROLLER_SIZE = 256;
    private static final int CONTROLLER_SIZE_2 = 512;
    private static final int MODES_OFFSET = 34;
    private static final int SIGNATURE = 0x41534556;
    private static final int ASKS_FOR_VERSION_2 = 0x32454256;
    private static final int VERSION = 0x0300;
    private static final int SOFTWARE_REVISION = 0x0100;
    private static final int WIDE_COLOURS_BIT = 0x01;
    private static final int END_OF_MODES = 0xFFFF;

    private static final int MODE_SIZE = 256;
    /** Supported, with all fields, colour, graphics, with a window and a linear frame buffer. */
    private static final int ATTRIBUTES = 0x9B;
    private static final int WINDOW_ATTRIBUTES = 0x07;
    private static final int WINDOW_KIB = 64;
    private static final int WINDOW_SEGMENT = 0xA000;
    private static final int CELL_WIDTH = 8;
    private static final int CELL_HEIGHT = 16;
    private static final int PACKED = 4;
    private static final int DIRECT = 6;
    private static final int USABLE_RESERVED_BITS = 0x02;
    private static final int UNIT = 0x10000;
    private static final int MASKS_OFFSET = 0x1F;
    private static final int LINEAR_MASKS_OFFSET = 0x36;

    private VbeBlocks() {
    }

    /** Function 00h. */
    static boolean controller(Call call, int memoryUnits) {
        boolean isLong = call.memory().readInt(call.es(), call.di()) == ASKS_FOR_VERSION_2;
        byte[] block = new byte[isLong ? CONTROLLER_SIZE_2 : CONTROLLER_SIZE];
        ByteBuffer buffer = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        int name = VideoRom.SEGMENT << 16 | VideoRom.VENDOR_NAME;
        buffer.putInt(SIGNATURE).putShort((short) VERSION).putInt(name).putInt(WIDE_COLOURS_BIT);
        buffer.putInt(call.es() << 16 | call.di() + MODES_OFFSET & 0xFFFF).putShort((short) memoryUnits);
        buffer.putShort((short) SOFTWARE_REVISION).putInt(name).putInt(name).putInt(name);
        buffer.position(MODES_OFFSET);
        for (VideoMode mode : VbeModes.fitting(memoryUnits)) {
            buffer.putShort((short) mode.number());
        }
        buffer.putShort((short) END_OF_MODES);
        call.memory().write(call.es(), call.di(), block, 0, block.length);
        return true;
    }

    /** Function 01h. */
    static void mode(Call call, VideoMode mode, long frameAddress, int memoryUnits) {
        byte[] block = new byte[MODE_SIZE];
        ByteBuffer buffer = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        int pixelBytes = (mode.bitsPerPixel() + 7) / Byte.SIZE;
        short rowBytes = (short) (mode.width() * pixelBytes);
        int images = (int) ((long) memoryUnits * UNIT / VbeModes.frameSize(mode)) - 1;
        byte pages = (byte) Math.clamp(images, 0, 255);
        buffer.putShort((short) ATTRIBUTES).put((byte) WINDOW_ATTRIBUTES).put((byte) 0);
        buffer.putShort((short) WINDOW_KIB).putShort((short) WINDOW_KIB).putShort((short) WINDOW_SEGMENT);
        buffer.putShort((short) 0).putInt(VideoRom.SEGMENT << 16 | VideoRom.WINDOW_FUNCTION).putShort(rowBytes);
        buffer.putShort((short) mode.width()).putShort((short) mode.height());
        buffer.put((byte) CELL_WIDTH).put((byte) CELL_HEIGHT).put((byte) 1).put((byte) mode.bitsPerPixel());
        buffer.put((byte) 1).put((byte) (pixelBytes == 1 ? PACKED : DIRECT)).put((byte) 0).put(pages).put((byte) 1);
        byte[] masks = masks(mode.bitsPerPixel());
        buffer.put(MASKS_OFFSET, masks);
        buffer.put(0x27, (byte) (mode.bitsPerPixel() == 32 ? USABLE_RESERVED_BITS : 0));
        buffer.putInt(0x28, (int) frameAddress);
        buffer.putShort(0x32, rowBytes).put(0x34, pages).put(0x35, pages).put(LINEAR_MASKS_OFFSET, masks);
        call.memory().write(call.es(), call.di(), block, 0, block.length);
    }

    /** Size and place of red, green, blue and the rest. */
    private static byte[] masks(int bits) {
        return switch (bits) {
            case 15 -> new byte[] {5, 10, 5, 5, 5, 0, 1, 15};
            case 16 -> new byte[] {5, 11, 6, 5, 5, 0, 0, 0};
            case 24 -> new byte[] {8, 16, 8, 8, 8, 0, 0, 0};
            case 32 -> new byte[] {8, 16, 8, 8, 8, 0, 8, 24};
            default -> new byte[8];
        };
    }

    /** Function 15h: what a monitor says of itself (EDID 1.3). */
    static boolean monitor(Call call) {
        if (call.bl() == 0) {
            call.bx(0x0203);
            return true;
        }
        if (call.bl() != 1 || call.dx() != 0) {
            return false;
        }
        byte[] block = Edid.block();
        call.memory().write(call.es(), call.di(), block, 0, block.length);
        return true;
    }
}
