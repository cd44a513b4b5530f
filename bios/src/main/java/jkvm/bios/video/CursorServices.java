package jkvm.bios.video;

import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** INT 10h functions 01h to 05h: the cursor's shape and place, the light pen (there is none), and the page. */
final class CursorServices {
    private static final int SHAPE_MASK = 0x1F;
    private static final int HIDDEN_BIT = 0x20;
    private static final int CGA_HEIGHT = 8;

    private final Video video;
    private final VgaRegisters registers;
    private final VideoData data;

    CursorServices(Video video) {
        this.video = video;
        registers = video.registers();
        data = video.data();
    }

    Outcome setShape(Call call) {
        setShape(call.cx());
        return Outcome.DONE;
    }

    /** Sets the shape that a caller has asked for: lines of a CGA's cells are taken as parts of higher ones. */
    void setShape(int shape) {
        data.setCursorShape(shape);
        int first = shape >> Byte.SIZE & (SHAPE_MASK | HIDDEN_BIT);
        int last = shape & SHAPE_MASK;
        int height = data.cellHeight();
        boolean isEmulated = (data.control() & VideoData.NO_CURSOR_EMULATION_BIT) == 0;
        if (isEmulated && height > CGA_HEIGHT && last < CGA_HEIGHT && first < HIDDEN_BIT) {
            int end = (last + 1) * height / CGA_HEIGHT - 1;
            first = last == first + 1 ? (last + 1) * height / CGA_HEIGHT - 2 : (first + 1) * height / CGA_HEIGHT - 1;
            last = end;
        }
        registers.setCrtc(VgaRegisters.CURSOR_START, first);
        registers.setCrtc(VgaRegisters.CURSOR_END, last);
    }

    Outcome setPosition(Call call) {
        move(call.bh(), call.dx());
        return Outcome.DONE;
    }

    /** Notes a page's cursor, and shows it if the page is shown. */
    void move(int page, int position) {
        if (page >= VideoData.PAGES) {
            return;
        }
        data.setCursor(page, position);
        if (page == data.page()) {
            show(position);
        }
    }

    private void show(int position) {
        if (video.mode().isText()) {
            int cell = (position >> Byte.SIZE) * data.columns() + (position & 0xFF);
            registers.setCrtcWord(VgaRegisters.CURSOR_HIGH, data.pageStart() / 2 + cell);
        }
    }

    Outcome position(Call call) {
        call.cx(data.cursorShape());
        call.dx(data.cursor(call.bh()));
        return Outcome.DONE;
    }

    Outcome lightPen(Call call) {
        call.ah(0);
        return Outcome.DONE;
    }

    Outcome selectPage(Call call) {
        int page = call.al();
        VideoMode mode = video.mode();
        if (page >= VideoData.PAGES || mode.isVbe()) {
            return Outcome.DONE;
        }
        int start = page * data.pageSize() & 0xFFFF;
        data.setPage(page);
        data.setPageStart(start);
        // Text modes count in cells, others in bytes of a plane.
        registers.setCrtcWord(VgaRegisters.START_HIGH, mode.isText() ? start / 2 : start);
        show(data.cursor(page));
        return Outcome.DONE;
    }
}
