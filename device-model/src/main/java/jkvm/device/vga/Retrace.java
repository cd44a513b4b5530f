package jkvm.device.vga;

import java.util.concurrent.TimeUnit;
import jkvm.work.VmClock;

/**
 * Where the beam is: the input status register, computed from the guest's time and the CRT controller's timing. The
 * retrace is told from its start to the end of the frame, and not for its two lines alone: a guest that waits for it by
 * accesses that take many microseconds would miss it for long.
 */
final class Retrace {
    static final int DISPLAY_OFF_BIT = 0x01;
    static final int RETRACE_BIT = 0x08;

    private static final long FAST_CLOCK = 28_322_000;
    private static final long SLOW_CLOCK = 25_175_000;
    private static final int MISC_CLOCK_SHIFT = 2;
    private static final int TOTAL_CHARACTERS_MORE = 5;
    private static final int TOTAL_LINES_MORE = 2;
    private static final int EIGHT_DOTS = 8;
    private static final int NINE_DOTS = 9;
    /** A frame outside of these is no timing that a screen takes: 60 Hz then. */
    private static final long MIN_FRAME_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long MAX_FRAME_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long USUAL_FRAME_NANOS = TimeUnit.SECONDS.toNanos(1) / 60;
    private static final int USUAL_LINES = 525;
    private static final int USUAL_SHOWN_LINES = 480;
    private static final int USUAL_RETRACE_LINE = 490;

    private final VmClock clock;
    private long frameNanos = USUAL_FRAME_NANOS;
    private int lines = USUAL_LINES;
    private int shownLines = USUAL_SHOWN_LINES;
    private int retraceLine = USUAL_RETRACE_LINE;
    /** Thousandths of a line. */
    private int shownPart = 800;

    Retrace(VmClock clock) {
        this.clock = clock;
    }

    /** Takes the timing from the registers. */
    void update(VgaRegisters registers) {
        int characters = registers.crtc(VgaRegisters.CR_TOTAL) + TOTAL_CHARACTERS_MORE;
        int clocking = registers.sequencer(VgaRegisters.SEQ_CLOCKING);
        long dots = (clocking & VgaRegisters.CLOCKING_EIGHT_DOTS_BIT) != 0 ? EIGHT_DOTS : NINE_DOTS;
        if ((clocking & VgaRegisters.CLOCKING_HALF_BIT) != 0) {
            dots *= 2;
        }
        lines = registers.withOverflow(VgaRegisters.CR_VERTICAL_TOTAL, 0, 5) + TOTAL_LINES_MORE;
        long hertz = (registers.misc() >> MISC_CLOCK_SHIFT & 3) == 0 ? SLOW_CLOCK : FAST_CLOCK;
        frameNanos = TimeUnit.SECONDS.toNanos(1) * lines * characters / hertz * dots;
        shownLines = registers.withOverflow(VgaRegisters.CR_HEIGHT, 1, 6) + 1;
        retraceLine = registers.withOverflow(VgaRegisters.CR_RETRACE_START, 2, 7);
        shownPart = Math.min(1000 * (registers.crtc(VgaRegisters.CR_WIDTH) + 1) / characters, 1000);
        if (frameNanos < MIN_FRAME_NANOS || frameNanos > MAX_FRAME_NANOS || retraceLine >= lines
                || shownLines >= lines) {
            frameNanos = USUAL_FRAME_NANOS;
            lines = USUAL_LINES;
            shownLines = USUAL_SHOWN_LINES;
            retraceLine = USUAL_RETRACE_LINE;
        }
    }

    /** The two bits at this moment. */
    int status() {
        long inFrame = Math.floorMod(clock.nanoTime(), frameNanos);
        long thousandths = inFrame * lines * 1000 / frameNanos;
        int line = (int) (thousandths / 1000);
        int status = line >= shownLines || thousandths % 1000 >= shownPart ? DISPLAY_OFF_BIT : 0;
        return line >= retraceLine ? status | RETRACE_BIT : status;
    }
}
