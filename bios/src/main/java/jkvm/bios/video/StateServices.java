package jkvm.bios.video;

import jkvm.bios.BiosData;
import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** INT 10h functions 0Fh, 1Ah, 1Bh and 1Ch: the current mode, the kind of display, all of the state, keeping it. */
final class StateServices {
    private static final int INFORMATION_SIZE = 64;
    private static final int DATA_FIRST = BiosData.VIDEO_MODE;
    /** From 40:49 to 40:66, which function 1Bh has from offset 4 on. */
    private static final int DATA_SIZE = 30;
    private static final int ALL_MEMORY = 3;
    private static final int BLINK_BIT = 0x08;
    private static final int BLINKS = 0x20;
    private static final int FONT_A_MASK = 0x2C;
    private static final int FONT_B_MASK = 0x13;

    private final Video video;
    private final VideoData data;
    private final SavedState saved;

    StateServices(Video video, SavedState saved) {
        this.video = video;
        this.saved = saved;
        data = video.data();
    }

    Outcome mode(Call call) {
        call.ah(data.columns());
        call.al(data.mode() & 0x7F | data.control() & VideoData.NOT_CLEARED_BIT);
        call.bh(data.page());
        return Outcome.DONE;
    }

    Outcome combination(Call call) {
        if (call.al() == 0) {
            call.bl(data.combination());
            call.bh(0);
            call.al(0x1A);
        } else if (call.al() == 1) {
            data.setCombination(call.bl());
            call.al(0x1A);
        }
        return Outcome.DONE;
    }

    Outcome information(Call call) {
        if (call.bx() != 0) {
            return Outcome.DONE;
        }
        byte[] answer = new byte[INFORMATION_SIZE];
        answer[0] = (byte) VideoRom.FUNCTIONALITY;
        answer[2] = (byte) VideoRom.SEGMENT;
        answer[3] = (byte) (VideoRom.SEGMENT >> Byte.SIZE);
        for (int i = 0; i < DATA_SIZE; i++) {
            answer[4 + i] = (byte) call.data().readByte(DATA_FIRST + i);
        }
        VideoMode mode = video.mode();
        answer[0x22] = (byte) data.rows();
        answer[0x23] = (byte) data.cellHeight();
        answer[0x25] = (byte) data.combination();
        answer[0x27] = (byte) mode.colourCount();
        answer[0x28] = (byte) (mode.colourCount() >> Byte.SIZE);
        answer[0x29] = (byte) pages(mode);
        answer[0x2A] = (byte) lines(mode);
        int fonts = video.registers().sequencer(VgaRegisters.FONT_SELECT);
        answer[0x2B] = (byte) font(fonts & FONT_B_MASK, 4);
        answer[0x2C] = (byte) font(fonts & FONT_A_MASK, 5);
        answer[0x2D] = (byte) flags();
        answer[0x31] = ALL_MEMORY;
        call.memory().write(call.es(), call.di(), answer, 0, answer.length);
        call.al(0x1B);
        return Outcome.DONE;
    }

    private int pages(VideoMode mode) {
        return mode.isText() ? VideoData.PAGES : switch (mode.number()) {
            case 0x0D -> 8;
            case 0x0E -> 4;
            case 0x0F, 0x10 -> 2;
            default -> 1;
        };
    }

    /** 200, 350, 400 or 480 lines as 0 to 3. */
    private int lines(VideoMode mode) {
        int lines = mode.isText() ? data.rows() * data.cellHeight() : mode.height();
        return lines <= 200 ? 0 : lines <= 350 ? 1 : lines <= 400 ? 2 : 3;
    }

    /** The block of a font: its low bits are together, the high one apart. */
    private static int font(int bits, int highBit) {
        int low = highBit == 4 ? bits & 3 : bits >> 2 & 3;
        return low | (bits >> highBit & 1) << 2;
    }

    private int flags() {
        int blinks = (video.registers().attribute(VgaRegisters.ATTRIBUTE_MODE) & BLINK_BIT) != 0 ? BLINKS : 0;
        int keeps = (data.flags() & VideoData.KEEP_COLOURS_BIT) != 0 ? 0x08 : 0;
        int grey = (data.flags() & VideoData.GREY_BIT) != 0 ? 0x02 : 0;
        int emulates = (data.control() & VideoData.NO_CURSOR_EMULATION_BIT) == 0 ? 0x10 : 0;
        return blinks | keeps | grey | emulates | 0x01;
    }

    Outcome keep(Call call) {
        switch (call.al()) {
            case 0 -> call.bx((saved.size(call.cx()) + INFORMATION_SIZE - 1) / INFORMATION_SIZE);
            case 1 -> saved.save(call, call.cx());
            case 2 -> saved.restore(call, call.cx());
            default -> {
                return Outcome.DONE;
            }
        }
        call.al(0x1C);
        return Outcome.DONE;
    }
}
