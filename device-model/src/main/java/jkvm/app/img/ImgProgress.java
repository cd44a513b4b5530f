package jkvm.app.img;

import java.io.PrintStream;
import java.util.Locale;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SignalFd;

/**
 * The percentage that {@code -p} shows, and SIGUSR1 asks for, as qemu-img prints it. The launcher starts the JVM with
 * that signal blocked; it waits until there is progress. For one thread.
 */
final class ImgProgress {
    private static final float ALL = 100;
    private static final String FORMAT = "    (%3.2f/100%%)";

    private final PrintStream out;
    private final boolean shown;
    private final float step;
    private final SignalFd asked = new SignalFd(new FfmSyscalls(), SignalFd.SIGUSR1);
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
        if (asked.take()) {
            System.err.printf(Locale.ROOT, FORMAT + "%n", percent);
        }
    }

    private void print() {
        if (shown) {
            out.printf(Locale.ROOT, FORMAT + "\r", percent);
            out.flush();
        }
    }

    /** Ends the line, and hears no signal any more. */
    void end() {
        asked.close();
        if (shown) {
            out.println();
        }
    }
}
