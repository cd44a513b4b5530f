package jkvm.control.report;

import java.util.List;
import java.util.Map;
import jkvm.inspect.ExitTimeline;

/** Exits over the time of the run: a chart for each vCPU, bars of all kinds of exits on top of one another. */
final class TimelineChart {
    /** More vCPUs than these have no chart. */
    static final int MAX_VCPUS = 16;
    /** More events than these have no mark. */
    static final int MAX_MARKS = 60;
    private static final int MAX_COLUMNS = 256;
    private static final int WIDTH = 1040;
    private static final int LEFT = 64;
    private static final int PLOT = WIDTH - LEFT - 8;
    private static final int TOP = 18;
    private static final int LEVELS = 4;
    private static final int STRIP = 12;

    private final RunReport run;
    private final Palette palette;
    private final int height;

    TimelineChart(RunReport run, Palette palette) {
        this.run = run;
        this.palette = palette;
        this.height = run.vcpus().size() > LEVELS ? 70 : 130;
    }

    /** Exits of one vCPU in columns that are wide enough to be seen. */
    private record Columns(long nanos, int count, long[][] exits, long[] guest, long[] handler) {
        long sum(int column) {
            long sum = 0;
            for (long[] kind : exits) {
                sum += kind[column];
            }
            return sum;
        }

        long most() {
            long most = 0;
            for (int i = 0; i < count; i++) {
                most = Math.max(most, sum(i));
            }
            return most;
        }
    }

    void write(Markup page) {
        palette.legend(page);
        for (RunReport.VcpuRun vcpu : run.vcpus().subList(0, Math.min(MAX_VCPUS, run.vcpus().size()))) {
            chart(page, vcpu.id(), columns(vcpu.timeline()));
        }
        if (run.vcpus().size() > MAX_VCPUS) {
            page.element("p", "The first " + MAX_VCPUS + " of " + run.vcpus().size()
                    + " vCPUs are drawn; the tables count all.", "class", "note").text("\n");
        }
    }

    private Columns columns(ExitTimeline timeline) {
        int intervals = (int) Math.min(ExitTimeline.INTERVALS, run.runNanos() / timeline.intervalNanos() + 1);
        int merged = (intervals + MAX_COLUMNS - 1) / MAX_COLUMNS;
        int count = (intervals + merged - 1) / merged;
        long[][] exits = new long[palette.names().size()][count];
        for (Map.Entry<String, long[]> kind : timeline.counts().entrySet()) {
            add(exits[palette.of(kind.getKey())], kind.getValue(), merged);
        }
        long[] guest = new long[count];
        add(guest, timeline.guestNanos(), merged);
        long[] handler = new long[count];
        add(handler, timeline.handlerNanos(), merged);
        return new Columns(timeline.intervalNanos() * merged, count, exits, guest, handler);
    }

    /** A moment after the end of the run counts as its last one. */
    private static void add(long[] columns, long[] intervals, int merged) {
        for (int i = 0; i < intervals.length; i++) {
            columns[Math.min(i / merged, columns.length - 1)] += intervals[i];
        }
    }

    private double x(double nanos) {
        return LEFT + Math.min(1, nanos / Math.max(1, run.runNanos())) * PLOT;
    }

    private void chart(Markup page, int vcpu, Columns columns) {
        int bottom = TOP + height;
        String title = "Exits of vCPU " + vcpu + " over time";
        page.begin("figure").begin("figcaption").text("vCPU " + vcpu + ": exits in each "
                + Numbers.nanos(columns.nanos)).end();
        page.begin("svg", "viewBox", "0 0 " + WIDTH + " " + (bottom + STRIP + 30), "role", "img", "aria-label", title);
        page.element("title", title);
        double top = Numbers.niceAbove((double) Math.max(1, columns.most()));
        for (int level = 0; level <= LEVELS; level++) {
            double value = top * level / LEVELS;
            if (value == Math.rint(value)) {
                Axis.level(page, Numbers.count((long) value), LEFT, PLOT, bottom - height * level / (double) LEVELS);
            }
        }
        bars(page, columns, top);
        strip(page, columns, bottom + 4);
        Axis.time(page, run.runNanos(), LEFT, PLOT, bottom + STRIP + 8);
        marks(page, bottom);
        hits(page, columns, bottom);
        page.end().endLine();
    }

    private void bars(Markup page, Columns columns, double top) {
        double[] reached = new double[columns.count];
        for (int kind = 0; kind < columns.exits.length; kind++) {
            StringBuilder path = new StringBuilder();
            for (int i = 0; i < columns.count; i++) {
                double size = columns.exits[kind][i] / top * height;
                if (size > 0) {
                    double left = x(i * (double) columns.nanos);
                    Axis.box(path, left, TOP + height - reached[i] - size,
                            Math.max(0.8, x((i + 1) * (double) columns.nanos) - left), size);
                    reached[i] += size;
                }
            }
            if (!path.isEmpty()) {
                page.empty("path", "class", Palette.styleOf(kind), "d", path.toString());
            }
        }
    }

    /** A line of which the darker part of each column is the time in user space. */
    private void strip(Markup page, Columns columns, double y) {
        page.empty("rect", "class", "kernel", "x", Axis.at(LEFT), "y", Axis.at(y), "width", Axis.at(PLOT), "height",
                Axis.at(STRIP));
        page.element("text", "user space", "class", "tick", "x", Axis.at(LEFT - 6), "y", Axis.at(y + 10),
                "text-anchor", "end");
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < columns.count; i++) {
            double part = columns.handler[i] / (double) Math.max(1, columns.nanos);
            if (part > 0) {
                double left = x(i * (double) columns.nanos);
                double size = STRIP * Math.min(1, part);
                Axis.box(path, left, y + STRIP - size, x((i + 1) * (double) columns.nanos) - left, size);
            }
        }
        if (!path.isEmpty()) {
            page.empty("path", "class", "user", "d", path.toString());
        }
    }

    private void marks(Markup page, int bottom) {
        List<RunReport.Event> events = run.events();
        double free = LEFT;
        for (RunReport.Event event : events.subList(0, Math.min(MAX_MARKS, events.size()))) {
            double x = x((double) event.nanos());
            page.begin("g", "class", "mark").element("title", event.name() + " " + event.detail() + " at "
                    + Numbers.nanos(event.nanos()));
            page.empty("line", "x1", Axis.at(x), "x2", Axis.at(x), "y1", Axis.at(TOP - 4), "y2", Axis.at(bottom));
            double width = event.name().length() * 7.0;
            boolean fits = x + width < LEFT + PLOT;
            double start = fits ? x : x - width;
            if (start >= free) {
                page.element("text", event.name(), "x", Axis.at(x), "y", Axis.at(TOP - 7), "text-anchor",
                        fits ? "start" : "end");
                free = start + width + 4;
            }
            page.end();
        }
    }

    /** Invisible rectangles that tell a column's numbers. */
    private void hits(Markup page, Columns columns, int bottom) {
        List<String> names = palette.names();
        for (int i = 0; i < columns.count; i++) {
            if (columns.sum(i) == 0) {
                continue;
            }
            long start = i * columns.nanos;
            StringBuilder text = new StringBuilder("from ").append(Numbers.nanos(start)).append(": ")
                    .append(Numbers.count(columns.sum(i))).append(" exits");
            for (int kind = 0; kind < names.size(); kind++) {
                if (columns.exits[kind][i] > 0) {
                    text.append('\n').append(names.get(kind)).append(": ")
                            .append(Numbers.count(columns.exits[kind][i]));
                }
            }
            text.append("\nuser space: ").append(Numbers.nanos(columns.handler[i])).append("\nKVM_RUN: ")
                    .append(Numbers.nanos(columns.guest[i]));
            double left = x((double) start);
            page.begin("rect", "class", "hit", "x", Axis.at(left), "y", Axis.at(TOP), "width",
                    Axis.at(Math.max(0.8, x(start + (double) columns.nanos) - left)), "height",
                    Axis.at(bottom - TOP)).element("title", text.toString()).end();
        }
    }
}
