package jkvm.control.trace;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import jkvm.inspect.ExitStatistics;
import jkvm.linux.Fd;
import jkvm.linux.Terminal;

/**
 * Shows the exits of a machine on the user's terminal, drawn anew each second, on the terminal's other screen: the
 * first one is as it was when the view goes, at any end of the process that runs shutdown hooks too. Any thread may
 * call.
 */
final class ExitTop implements AutoCloseable {
    private static final long PERIOD_MILLIS = 1000;
    private static final String SHOW = "\033[?1049h\033[?25l";
    private static final String HIDE = "\033[?25h\033[?1049l";
    private static final String HOME = "\033[H";
    private static final String END_OF_LINE = "\033[K\r\n";
    private static final String CLEAR_REST = "\033[J";
    private static final int HEAD_LINES = 3;
    private static final Terminal.Size USUAL = new Terminal.Size(24, 80);
    private static final double PERCENT = 100;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String HEADER = "%4s %-11s %10s %4s %-14s %9s %5s %5s %9s";
    private static final String ROW = "%4d %-11s %10s %4s %-14s %9.0f %5.1f %5.1f %9d";

    private final ExitRates rates;
    private final PrintStream out;
    private final Fd terminal;
    private final Thread hideAtExit = new Thread(this::hide, "top-restore");
    private final long started = System.nanoTime();
    /** Null while nothing is shown. Guarded by this. */
    private Ticker ticker;
    /** Guards what follows, and what goes out. */
    private final Object screen = new Object();
    private long lastDrawn = started;
    private boolean shown;

    /**
     * Shows nothing yet.
     *
     * @param out leads to the terminal
     */
    ExitTop(ExitRates rates, PrintStream out, Fd terminal) {
        this.rates = rates;
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * Begins to show, or ends that.
     *
     * @return whether it shows now
     */
    synchronized boolean toggle() {
        if (ticker != null) {
            close();
            return false;
        }
        Runtime.getRuntime().addShutdownHook(hideAtExit);
        show();
        ticker = new Ticker("exits-top", PERIOD_MILLIS, this::draw);
        return true;
    }

    /** Prints on the first screen. */
    void aside(Runnable print) {
        synchronized (screen) {
            boolean wasShown = shown;
            hide();
            print.run();
            if (wasShown) {
                show();
            }
        }
    }

    private void show() {
        synchronized (screen) {
            shown = true;
            out.print(SHOW + HOME + CLEAR_REST);
            draw();
        }
    }

    private void draw() {
        synchronized (screen) {
            if (shown) {
                long now = System.nanoTime();
                out.print(screen(rates.next(), now - lastDrawn, now - started));
                out.flush();
                lastDrawn = now;
            }
        }
    }

    private String screen(List<ExitRates.Row> rows, long nanos, long age) {
        Terminal.Size room = Terminal.size(terminal).orElse(USUAL);
        StringBuilder text = new StringBuilder(HOME);
        double exits = rows.stream().mapToLong(ExitRates.Row::exits).sum() * NANOS_PER_SECOND / nanos;
        line(text, room, "exits by time in user space; %.0f s, %.0f exits a second, %d places", age / NANOS_PER_SECOND,
                exits, rows.size());
        line(text, room, HEADER, "", "", "", "", "", "", "user", "KVM", "");
        line(text, room, HEADER, "vCPU", "exit", "place", "size", "device", "a second", "%", "%", "all");
        for (ExitRates.Row row : rows.subList(0, Math.min(rows.size(), Math.max(0, room.rows() - HEAD_LINES - 1)))) {
            boolean hasPlace = row.place().place() != ExitStatistics.NO_PLACE;
            line(text, room, ROW, row.vcpu(), row.place().exit(),
                    hasPlace ? "0x" + Long.toHexString(row.place().place()) : "",
                    hasPlace ? Integer.toString(row.place().size()) : "", row.device(),
                    row.exits() * NANOS_PER_SECOND / nanos, row.handlerNanos() * PERCENT / nanos,
                    row.guestNanos() * PERCENT / nanos, row.place().count());
        }
        return text.append(CLEAR_REST).toString();
    }

    private static void line(StringBuilder text, Terminal.Size room, String format, Object... values) {
        String line = String.format(Locale.ROOT, format, values);
        text.append(line, 0, Math.min(line.length(), room.columns())).append(END_OF_LINE);
    }

    private void hide() {
        synchronized (screen) {
            if (shown) {
                shown = false;
                out.print(HIDE);
                out.flush();
            }
        }
    }

    @Override
    public synchronized void close() {
        if (ticker == null) {
            return;
        }
        ticker.close();
        ticker = null;
        hide();
        try {
            Runtime.getRuntime().removeShutdownHook(hideAtExit);
        } catch (IllegalStateException _) {
            // The process is ending already; the hook finds nothing left to do.
        }
    }
}
