package jkvm.device.vga;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jkvm.host.display.Picture;
import jkvm.host.display.Screen;
import jkvm.host.display.TextScreen;
import jkvm.work.VmClock;

/**
 * The adapter's picture. The adapter's lock is held only while the registers are looked at: drawing reads memory that
 * the guest may write meanwhile, whose page is drawn again the next time.
 */
final class VgaScreen implements Screen {
    /** Sixteen frames of a text mode, as long as a cursor is seen and as long as it is not. */
    private static final long BLINK_NANOS = TimeUnit.SECONDS.toNanos(16) / 70;
    private static final int OFF_WIDTH = 720;
    private static final int OFF_HEIGHT = 400;
    private static final int CELL_BYTES = 4;
    private static final int COLOURS_16 = 16;

    private final VgaCore core;
    private final VmClock clock;
    private final ScreenMode mode = new ScreenMode();
    private final TextRenderer text;
    private final GraphicsRenderer graphics;
    private final long[] pages;
    private final int[] colours256 = new int[Dac.COLOURS];
    private final int[] colours16 = new int[COLOURS_16];
    private Picture last;

    VgaScreen(VgaCore core, VmClock clock) {
        this.core = core;
        this.clock = clock;
        this.text = new TextRenderer(core.vram());
        this.graphics = new GraphicsRenderer(core.vram());
        this.pages = new long[core.vram().pageWords()];
    }

    @Override
    public synchronized boolean render(Picture into) {
        boolean all = into != last;
        last = into;
        synchronized (core) {
            all |= mode.update(core);
            all |= updateColours();
            core.vram().collect(pages);
            boolean fonts = core.vram().takeFontsWritten();
            all |= fonts && mode.kind == ScreenMode.Kind.TEXT;
        }
        if (mode.kind == ScreenMode.Kind.OFF) {
            return all && turnOff(into);
        }
        if (mode.width != into.width() || mode.height != into.height()) {
            into.resize(mode.width, mode.height);
            all = true;
        }
        boolean drawn = mode.kind == ScreenMode.Kind.TEXT ? text.render(into, mode, colours16, all, isBlinkShown())
                : graphics.render(into, mode, mode.kind.compareTo(ScreenMode.Kind.CGA) <= 0 ? colours16 : colours256,
                        pages, all);
        return drawn || into.isResized();
    }

    private static boolean turnOff(Picture into) {
        if (into.width() == 0) {
            into.resize(OFF_WIDTH, OFF_HEIGHT);
        } else {
            Arrays.fill(into.pixels(), 0);
            into.change(0, 0, into.width(), into.height());
        }
        return true;
    }

    private boolean isBlinkShown() {
        return (clock.nanoTime() / BLINK_NANOS & 1) == 0;
    }

    /** Computes the colours anew; true if one is another. */
    private boolean updateColours() {
        boolean changed = false;
        if (core.dac().takeChanged()) {
            for (int i = 0; i < Dac.COLOURS; i++) {
                colours256[i] = core.dac().colour(i);
            }
            changed = true;
        }
        for (int i = 0; i < COLOURS_16; i++) {
            int colour = colour16(i);
            changed |= colours16[i] != colour;
            colours16[i] = colour;
        }
        return changed;
    }

    /** The colour of an attribute, through the attribute controller's palette. */
    private int colour16(int index) {
        VgaRegisters registers = core.registers();
        int value = registers.attribute(index);
        int select = registers.attribute(VgaRegisters.ATTR_COLOUR_SELECT);
        boolean isSelected = (registers.attribute(VgaRegisters.ATTR_MODE) & VgaRegisters.MODE_COLOUR_SELECT_BIT) != 0;
        return core.dac().colour(isSelected ? (select & 0xF) << 4 | value & 0xF : (select & 0xC) << 4 | value);
    }

    @Override
    public Optional<TextScreen> text() {
        ScreenMode now = new ScreenMode();
        int[] palette = new int[COLOURS_16];
        synchronized (core) {
            now.update(core);
            for (int i = 0; i < COLOURS_16; i++) {
                palette[i] = colour16(i);
            }
        }
        if (now.kind != ScreenMode.Kind.TEXT) {
            return Optional.empty();
        }
        short[] cells = new short[now.columns * now.rows];
        int cursor = -1;
        int base = now.start;
        for (int row = 0; row < now.rows; row++) {
            for (int column = 0; column < now.columns; column++) {
                int at = base + column * CELL_BYTES & now.limit - 1;
                int index = row * now.columns + column;
                cells[index] = (short) core.vram().getShort(at);
                cursor = at == now.cursor ? index : cursor;
            }
            int top = row * now.cellHeight;
            boolean isSplit = top < now.lineCompare && top + now.cellHeight >= now.lineCompare;
            base = isSplit ? 0 : base + now.lineBytes;
        }
        return Optional.of(new TextScreen(now.columns, now.rows, cells, cursor, now.blinking, palette));
    }
}
