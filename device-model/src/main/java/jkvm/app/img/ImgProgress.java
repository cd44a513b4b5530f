package jkvm.app.img;

import java.io.PrintStream;
import java.util.Locale;

/** The percentage that {@code -p} shows, as qemu-img prints it. For one thread. */
final class ImgProgress {
    private static final float ALL = 100;

    private final PrintStream out;
    private final boolean shown;
    private final float step;
    private float percent;
    private float last;

    /** @param step it is shown again when it has grown by more than this */
    ImgProgress(PrintStream out, boolean shown, float step) {
        this.out = out;
        this.shown = shown;
        this.step = step;
    }

    /** The progress that {@code -p} without {@code -q} asks for. */
    static ImgProgress of(ImgArguments arguments, PrintStream out, float step) {
        return new ImgProgress(out, arguments.has("p") && !arguments.has("q"), step);
    }

    /** So many percent more are done. */
    void add(float more) {
        set(percent + more);
    }

    /** So many percent are done. */
    void set(float now) {
        percent = Math.min(now, ALL);
        if (percent > last + step || percent < last || percent == ALL || percent == 0) {
            last = percent;
            print();
        }
    }

    private void print() {
        if (shown) {
            out.printf(Locale.ROOT, "    (%3.2f/100%%)\r", percent);
            out.flush();
        }
    }

    /** Ends the line. */
    void end() {
        if (shown) {
            out.println();
        }
    }
}
