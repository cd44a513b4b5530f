package jkvm.control.report;

/** Draws the scales of charts, and builds their shapes. */
final class Axis {
    private static final int TICK_LENGTH = 4;
    private static final int LABEL_DROP = 16;

    private Axis() {
    }

    /** A coordinate: two digits after the point are enough. */
    static String at(double value) {
        return Numbers.fixed(value, 2);
    }

    /** Adds a rectangle to a path. */
    static void box(StringBuilder path, double x, double y, double width, double height) {
        path.append('M').append(at(x)).append(' ').append(at(y)).append('h').append(at(width)).append('v')
                .append(at(height)).append('h').append(at(-width)).append('z');
    }

    /** A scale of time below a chart, from zero on. */
    static void time(Markup page, long nanos, double left, double width, double y) {
        page.empty("line", "class", "axis", "x1", at(left), "x2", at(left + width), "y1", at(y), "y2", at(y));
        double step = Numbers.niceAbove(Math.max(1, nanos) / 8.0);
        for (double tick = 0; tick <= nanos; tick += step) {
            double x = left + tick / Math.max(1, nanos) * width;
            page.empty("line", "class", "axis", "x1", at(x), "x2", at(x), "y1", at(y), "y2", at(y + TICK_LENGTH));
            boolean isLast = x > left + width - 24;
            page.element("text", tick == 0 ? "0" : Numbers.nanos(Math.round(tick)), "class", "tick", "x", at(x),
                    "y", at(y + LABEL_DROP), "text-anchor", tick == 0 ? "start" : isLast ? "end" : "middle");
        }
    }

    /** A line across a chart with its value at the left. */
    static void level(Markup page, String value, double left, double width, double y) {
        page.empty("line", "class", "grid", "x1", at(left), "x2", at(left + width), "y1", at(y), "y2", at(y));
        page.element("text", value, "class", "tick", "x", at(left - 6), "y", at(y + 4), "text-anchor", "end");
    }
}
