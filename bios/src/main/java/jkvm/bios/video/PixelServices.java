package jkvm.bios.video;

import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** INT 10h functions 0Ch and 0Dh: single pixels in graphics modes. */
final class PixelServices {
    private static final int COMBINE_BIT = 0x80;

    private final Video video;

    PixelServices(Video video) {
        this.video = video;
    }

    Outcome write(Call call) {
        VideoMode mode = video.mode();
        if (isOnScreen(mode, call)) {
            boolean combine = mode.bitsPerPixel() < Byte.SIZE && (call.al() & COMBINE_BIT) != 0;
            video.pixels(mode).setPixel(page(mode, call), call.cx(), call.dx(), call.al(), combine);
        }
        return Outcome.DONE;
    }

    Outcome read(Call call) {
        VideoMode mode = video.mode();
        call.al(isOnScreen(mode, call) ? video.pixels(mode).pixel(page(mode, call), call.cx(), call.dx()) : 0);
        return Outcome.DONE;
    }

    private static boolean isOnScreen(VideoMode mode, Call call) {
        return !mode.isText() && call.cx() < mode.width() && call.dx() < mode.height();
    }

    private static int page(VideoMode mode, Call call) {
        return mode.kind() == VideoMode.Kind.PLANAR ? call.bh() % VideoData.PAGES : 0;
    }
}
