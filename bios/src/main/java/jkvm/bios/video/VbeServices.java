package jkvm.bios.video;

import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** INT 10h function 4Fh: VBE 3.0 upon Bochs' display interface. AX is 004Fh after success, 014Fh after failure. */
final class VbeServices {
    private static final int SUCCESS = 0x004F;
    private static final int FAILURE = 0x014F;
    private static final int NUMBER_MASK = 0x1FF;
    private static final int LINEAR_BIT = 0x4000;
    private static final int KEEP_BIT = 0x8000;
    private static final int KEEP_OF_A_BYTE = 0x80;
    private static final int ALL_PARTS = 0x0F;
    private static final int UNIT = 0x10000;
    private static final int AFTER_RETRACE_BIT = 0x80;
    private static final int CELL_HEIGHT = 16;
    private static final int MAX_COLUMNS = 255;

    private final Video video;
    private final VideoData data;
    private final VbeRegisters vbe;
    private final ModeSetter modes;
    private final SavedState saved;

    VbeServices(Video video, ModeSetter modes, SavedState saved) {
        this.video = video;
        this.modes = modes;
        this.saved = saved;
        data = video.data();
        vbe = video.vbe();
    }

    Outcome call(Call call) {
        boolean isDone = vbe.isPresent() && switch (call.al()) {
            case 0x00 -> VbeBlocks.controller(call, vbe.memoryUnits());
            case 0x01 -> describe(call);
            case 0x02 -> setMode(call.bx());
            case 0x03 -> mode(call);
            case 0x04 -> keep(call);
            case 0x05 -> bank(call);
            case 0x06 -> rowLength(call);
            case 0x07 -> origin(call);
            case 0x08 -> colourWidth(call);
            case 0x09 -> colours(call);
            case 0x10 -> power(call);
            case 0x15 -> VbeBlocks.monitor(call);
            default -> false;
        };
        call.ax(isDone ? SUCCESS : FAILURE);
        return Outcome.DONE;
    }

    private boolean describe(Call call) {
        VideoMode mode = VbeModes.find(call.cx());
        if (mode == null || !VbeModes.fits(mode, vbe.memoryUnits())) {
            return false;
        }
        VbeBlocks.mode(call, mode, video.adapter().frameAddress(), vbe.memoryUnits());
        return true;
    }

    private boolean setMode(int asked) {
        int number = asked & NUMBER_MASK;
        boolean keepsMemory = (asked & KEEP_BIT) != 0;
        if (number < VideoMode.FIRST_VBE) {
            return number < KEEP_OF_A_BYTE && modes.set(keepsMemory ? number | KEEP_OF_A_BYTE : number);
        }
        VideoMode mode = VbeModes.find(number);
        if (mode == null || !VbeModes.fits(mode, vbe.memoryUnits())) {
            return false;
        }
        // The registers of a VGA are those of its mode with 256 colours; the interface's stand before them.
        modes.setUnderVbe();
        vbe.enable(mode, (asked & LINEAR_BIT) != 0, keepsMemory);
        modes.loadColours(mode.colours());
        int columns = Math.min(mode.width() / GlyphCells.GLYPH_WIDTH, MAX_COLUMNS);
        modes.describe(VideoData.VBE_MODE_BYTE, columns, mode.height() / CELL_HEIGHT, CELL_HEIGHT, 0);
        data.setVbeMode(asked);
        return true;
    }

    private boolean mode(Call call) {
        boolean isVbe = data.mode() == VideoData.VBE_MODE_BYTE;
        int keeps = (data.control() & VideoData.NOT_CLEARED_BIT) != 0 ? KEEP_BIT : 0;
        call.bx(isVbe ? data.vbeMode() : data.mode() | keeps);
        return true;
    }

    private boolean keep(Call call) {
        int parts = call.cx() & ALL_PARTS;
        switch (call.dl()) {
            case 0 -> call.bx((saved.size(parts) + 63) / 64);
            case 1 -> saved.save(call, parts);
            case 2 -> saved.restore(call, parts);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean bank(Call call) {
        if (call.bl() != 0 || call.bh() > 1 || !vbe.isEnabled()) {
            return false;
        }
        if (call.bh() == 1) {
            call.dx(vbe.bank());
            return true;
        }
        if (call.dx() >= vbe.memoryUnits()) {
            return false;
        }
        vbe.setBank(call.dx());
        return true;
    }

    private boolean rowLength(Call call) {
        if (!vbe.isEnabled()) {
            return false;
        }
        int pixelBytes = Math.max(1, (vbe.bitsPerPixel() + 7) / Byte.SIZE);
        long memory = (long) vbe.memoryUnits() * UNIT;
        int most = (int) Math.min(0xFFFF / pixelBytes, memory / Math.max(1, video.mode().height()) / pixelBytes);
        switch (call.bl()) {
            case 0, 2 -> {
                int pixels = call.bl() == 0 ? call.cx() : (call.cx() + pixelBytes - 1) / pixelBytes;
                if (pixels > most) {
                    call.ah(2);
                    return false;
                }
                vbe.setVirtualWidth(Math.max(pixels, video.mode().width()));
            }
            case 1 -> {
                // Only asks.
            }
            case 3 -> {
                call.bx(most * pixelBytes);
                call.cx(most);
                call.dx((int) (memory / Math.max(1, most * pixelBytes)));
                return true;
            }
            default -> {
                return false;
            }
        }
        call.bx(vbe.rowBytes());
        call.cx(vbe.virtualWidth());
        call.dx((int) Math.min(0xFFFF, memory / Math.max(1, vbe.rowBytes())));
        return true;
    }

    private boolean origin(Call call) {
        if (!vbe.isEnabled()) {
            return false;
        }
        switch (call.bl() & ~AFTER_RETRACE_BIT) {
            case 0 -> vbe.setOrigin(call.cx(), call.dx());
            case 1 -> {
                call.bh(0);
                call.cx(vbe.x());
                call.dx(vbe.y());
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean colourWidth(Call call) {
        if (call.bl() > 1 || !vbe.isEnabled() || vbe.bitsPerPixel() > Byte.SIZE) {
            return false;
        }
        if (call.bl() == 0) {
            vbe.setWideColours(call.bh() >= Byte.SIZE);
        }
        call.bh(vbe.hasWideColours() ? 8 : 6);
        return true;
    }

    private boolean colours(Call call) {
        int end = call.dx() + call.cx();
        if (end > VgaRegisters.COLOURS) {
            return false;
        }
        int offset = call.di();
        for (int i = call.dx(); i < end; i++, offset += Integer.BYTES) {
            switch (call.bl() & ~AFTER_RETRACE_BIT) {
                case 0 -> video.registers().setColour(i, call.memory().readInt(call.es(), offset));
                case 1 -> call.memory().writeInt(call.es(), offset, video.registers().colour(i));
                default -> {
                    return false;
                }
            }
        }
        return true;
    }

    /** The display can be switched off by VBE/PM; it always is on. */
    private boolean power(Call call) {
        switch (call.bl()) {
            case 0 -> {
                call.bx(0x0F30);
                return true;
            }
            case 1 -> {
                return true;
            }
            case 2 -> {
                call.bh(0);
                return true;
            }
            default -> {
                return false;
            }
        }
    }
}
