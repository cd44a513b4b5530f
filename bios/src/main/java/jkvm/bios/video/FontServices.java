package jkvm.bios.video;

import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** INT 10h function 11h: fonts of text modes, in the adapter's memory, and of graphics modes, in the guest's. */
final class FontServices {
    private static final int BLOCK_MASK = 0x07;
    private static final int MAX_HEIGHT = 32;
    private static final int NO_FONT_HEIGHT = 0;

    private final Video video;
    private final VideoData data;
    private final FontLoader fonts;

    FontServices(Video video, FontLoader fonts) {
        this.video = video;
        this.fonts = fonts;
        data = video.data();
    }

    Outcome font(Call call) {
        switch (call.al()) {
            case 0x00, 0x10 -> loadCallers(call);
            case 0x01, 0x11 -> loadRoms(call, 14);
            case 0x02, 0x12 -> loadRoms(call, 8);
            case 0x04, 0x14 -> loadRoms(call, 16);
            case 0x03 -> video.registers().setSequencer(VgaRegisters.FONT_SELECT, call.bl());
            case 0x20 -> data.setVector(GlyphCells.UPPER_FONT_VECTOR, call.es(), call.bp());
            case 0x21 -> useInGraphics(call, call.es(), call.bp(), call.cx());
            case 0x22 -> useInGraphics(call, VideoRom.SEGMENT, VideoRom.FONT_14, 14);
            case 0x23 -> useInGraphics(call, VideoRom.SEGMENT, VideoRom.FONT_8, 8);
            case 0x24 -> useInGraphics(call, VideoRom.SEGMENT, VideoRom.FONT_16, 16);
            case 0x30 -> describe(call);
            default -> {
                // There is no such function: the registers stay.
            }
        }
        return Outcome.DONE;
    }

    private void loadCallers(Call call) {
        int height = call.bh();
        int first = call.dx();
        if (height == NO_FONT_HEIGHT || height > MAX_HEIGHT || first >= FontLoader.CHARACTERS) {
            return;
        }
        fonts.load(call.memory(), call.es(), call.bp(), height, first, call.cx(), call.bl() & BLOCK_MASK);
        if (isResizing(call)) {
            fonts.setHeight(height);
        }
    }

    private void loadRoms(Call call, int height) {
        fonts.load(VideoRom.font(height), height, call.bl() & BLOCK_MASK);
        if (isResizing(call)) {
            fonts.setHeight(height);
        }
    }

    private boolean isResizing(Call call) {
        return call.al() >= 0x10 && video.mode().isText();
    }

    private void useInGraphics(Call call, int segment, int offset, int height) {
        data.setVector(GlyphCells.FONT_VECTOR, segment, offset);
        data.setCellHeight(Math.clamp(height, 1, MAX_HEIGHT));
        int rows = switch (call.bl()) {
            case 0 -> call.dl();
            case 1 -> 14;
            case 3 -> 43;
            default -> 25;
        };
        data.setSize(data.columns(), Math.max(rows, 1));
    }

    private void describe(Call call) {
        switch (call.bh()) {
            case 0 -> answer(call, data.vector(GlyphCells.UPPER_FONT_VECTOR));
            case 1 -> answer(call, data.vector(GlyphCells.FONT_VECTOR));
            case 2, 5 -> answer(call, VideoRom.SEGMENT << 16 | VideoRom.FONT_14);
            case 3 -> answer(call, VideoRom.SEGMENT << 16 | VideoRom.FONT_8);
            case 4 -> answer(call, VideoRom.SEGMENT << 16 | VideoRom.FONT_8 + 128 * 8);
            case 6, 7 -> answer(call, VideoRom.SEGMENT << 16 | VideoRom.FONT_16);
            default -> {
                return;
            }
        }
        call.cx(data.cellHeight());
        call.dl(data.rows() - 1);
    }

    private static void answer(Call call, int pointer) {
        call.es(pointer >>> 16);
        call.bp(pointer & 0xFFFF);
    }
}
