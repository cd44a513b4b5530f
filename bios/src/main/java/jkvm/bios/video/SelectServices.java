package jkvm.bios.video;

import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** INT 10h function 12h: what the adapter is, and choices that later functions follow. */
final class SelectServices {
    private static final int SUPPORTED = 0x12;
    private static final int MEMORY_256_KIB = 3;
    private static final int SWITCHES_MASK = 0x0F;
    private static final int SWITCHES_350_LINES = 0x08;
    private static final int CLOCKING = 1;
    private static final int SCREEN_OFF_BIT = 0x20;
    private static final int MEMORY_ENABLE_BIT = 0x02;

    private final VideoData data;
    private final VgaRegisters registers;

    SelectServices(Video video) {
        data = video.data();
        registers = video.registers();
    }

    Outcome select(Call call) {
        boolean isFirst = call.al() == 0;
        switch (call.bl()) {
            case 0x10 -> describe(call);
            case 0x20 -> {
                // Another handler of the print screen key: nothing to choose.
            }
            case 0x30 -> answer(call, call.al() <= 2 && setLines(call.al()));
            case 0x31 -> answer(call, choose(call, VideoData.KEEP_COLOURS_BIT, !isFirst));
            case 0x32 -> answer(call, enableMemory(call));
            case 0x33 -> answer(call, choose(call, VideoData.GREY_BIT, isFirst));
            case 0x34 -> answer(call, chooseCursor(call));
            case 0x36 -> answer(call, refresh(call));
            default -> call.al(0);
        }
        return Outcome.DONE;
    }

    private static void answer(Call call, boolean isDone) {
        call.al(isDone ? SUPPORTED : 0);
    }

    private void describe(Call call) {
        call.bh(data.isMonochrome() ? 1 : 0);
        call.bl(MEMORY_256_KIB);
        call.ch(data.switches() >> 4);
        call.cl(data.switches() & SWITCHES_MASK);
    }

    private boolean setLines(int choice) {
        data.setFlags(VideoData.LINES_200_BIT | VideoData.LINES_400_BIT, false);
        if (choice != 1) {
            data.setFlags(choice == 0 ? VideoData.LINES_200_BIT : VideoData.LINES_400_BIT, true);
        }
        int others = data.switches() & ~SWITCHES_MASK;
        data.setSwitches(others | (choice == 0 ? SWITCHES_350_LINES : SWITCHES_350_LINES + 1));
        return true;
    }

    private boolean choose(Call call, int bit, boolean isSet) {
        if (call.al() > 1) {
            return false;
        }
        data.setFlags(bit, isSet);
        return true;
    }

    private boolean chooseCursor(Call call) {
        if (call.al() > 1) {
            return false;
        }
        data.setControl(VideoData.NO_CURSOR_EMULATION_BIT, call.al() != 0);
        return true;
    }

    private boolean enableMemory(Call call) {
        if (call.al() > 1) {
            return false;
        }
        int others = registers.miscellaneous() & ~MEMORY_ENABLE_BIT;
        registers.setMiscellaneous(others | (call.al() == 0 ? MEMORY_ENABLE_BIT : 0));
        return true;
    }

    private boolean refresh(Call call) {
        if (call.al() > 1) {
            return false;
        }
        int others = registers.sequencer(CLOCKING) & ~SCREEN_OFF_BIT;
        registers.setSequencer(CLOCKING, others | (call.al() == 0 ? 0 : SCREEN_OFF_BIT));
        return true;
    }
}
