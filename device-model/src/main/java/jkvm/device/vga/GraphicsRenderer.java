package jkvm.device.vga;

import jkvm.host.display.Picture;

/**
 * Draws the lines of a graphics mode whose memory has changed, and marks the pixels that are others than before. For
 * one thread at a time.
 */
final class GraphicsRenderer {
    private static final int PAGE_SHIFT = 12;

    private final Vram vram;
    private final LineDecoder decoder = new LineDecoder();
    private byte[] bytes = {};
    private int[] line = {};
    /** The lines since the last one without a change. */
    private int bandTop;
    private int bandBottom;
    private int bandLeft;
    private int bandRight;
    private boolean redrawn;

    GraphicsRenderer(Vram vram) {
        this.vram = vram;
    }

    /**
     * Draws.
     *
     * @param pages the pages that have changed
     * @param all   draws lines of pages that have not changed, too
     * @return true if a pixel has changed
     */
    boolean render(Picture into, ScreenMode mode, int[] colours, long[] pages, boolean all) {
        redrawn = false;
        bandBottom = -1;
        int pan = mode.pan;
        int length = LineDecoder.bytesOf(mode);
        if (bytes.length < length) {
            bytes = new byte[length];
        }
        if (line.length < mode.width) {
            line = new int[mode.width];
        }
        int base = mode.start;
        int repeats = Math.max(mode.repeats - mode.presetRow, 0);
        int sourceLine = 0;
        for (int y = 0; y < mode.height; y++) {
            int address = interleaved(base, sourceLine, mode) & mode.limit - 1;
            if (all || isChanged(pages, address, length, mode.limit)) {
                vram.copy(address, mode.limit, bytes, length);
                decoder.decode(bytes, line, mode, pan, colours);
                show(into, y, mode.width);
            }
            if (repeats == 0) {
                int mask = mode.crtcMode & 3 ^ 3;
                if ((sourceLine & mask) == mask) {
                    base += mode.lineBytes;
                }
                sourceLine++;
                repeats = mode.repeats;
            } else {
                repeats--;
            }
            if (y == mode.lineCompare) {
                base = 0;
                pan = mode.panTopOnly ? 0 : pan;
            }
        }
        endBand(into);
        return redrawn;
    }

    /** The CGA's and Hercules' ways to have lines in two or four parts of the memory. */
    private static int interleaved(int base, int line, ScreenMode mode) {
        int address = base;
        if ((mode.crtcMode & 1) == 0) {
            int shift = 14 + (mode.crtcMode >> 6 & 1);
            address = address & ~(1 << shift) | (line & 1) << shift;
        }
        return (mode.crtcMode & 2) == 0 ? address & ~0x8000 | (line & 2) << 14 : address;
    }

    private static boolean isChanged(long[] pages, int address, int length, int limit) {
        int last = address + length - 1;
        for (int page = address >> PAGE_SHIFT; page <= last >> PAGE_SHIFT; page++) {
            int wrapped = page & (limit >> PAGE_SHIFT) - 1;
            if ((pages[wrapped / Long.SIZE] >>> wrapped & 1) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Takes the line over as far as it differs. */
    private void show(Picture into, int y, int width) {
        int[] pixels = into.pixels();
        int at = y * width;
        int left = 0;
        while (left < width && pixels[at + left] == line[left]) {
            left++;
        }
        if (left == width) {
            return;
        }
        int right = width;
        while (pixels[at + right - 1] == line[right - 1]) {
            right--;
        }
        System.arraycopy(line, left, pixels, at + left, right - left);
        if (bandBottom != y) {
            endBand(into);
            bandTop = y;
            bandLeft = left;
            bandRight = right;
        }
        bandBottom = y + 1;
        bandLeft = Math.min(bandLeft, left);
        bandRight = Math.max(bandRight, right);
        redrawn = true;
    }

    private void endBand(Picture into) {
        if (bandBottom >= 0) {
            into.change(bandLeft, bandTop, bandRight - bandLeft, bandBottom - bandTop);
            bandBottom = -1;
        }
    }
}
