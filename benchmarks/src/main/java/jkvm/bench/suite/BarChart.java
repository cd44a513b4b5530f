package jkvm.bench.suite;

import java.util.List;
import jkvm.control.report.Markup;

/** Figures of one unit as bars from zero, each with its interval. */
final class BarChart {
    private static final int WIDTH = 1040;
    private static final int LEFT = 420;
    private static final int RIGHT = 110;
    private static final int PLOT = WIDTH - LEFT - RIGHT;
    private static final int ROW = 24;
    private static final int BAR = 14;
    private static final int TOP = 4;
    private static final int FOOT = 24;
    private final List<Figure> figures;
    private final double most;

    /** @param figures of the same unit, at least one */
    BarChart(List<Figure> figures) {
        this.figures = figures;
        double end = figures.stream().mapToDouble(figure -> figure.median() + noise(figure)).max().orElseThrow();
        most = end > 0 ? end : 1;
    }

    private static double noise(Figure figure) {
        return Double.isNaN(figure.error()) ? 0 : figure.error();
    }

    void write(Markup page) {
        String unit = figures.getFirst().unit().text();
        String title = figures.getFirst().part() + ", " + unit
                + (figures.getFirst().unit().lessIsBetter() ? ": shorter bars are better" : ": longer bars are better");
        int bottom = TOP + ROW * figures.size();
        page.begin("figure").begin("svg", "xmlns", "http://www.w3.org/2000/svg", "viewBox",
                "0 0 " + WIDTH + " " + (bottom + FOOT), "role", "img", "aria-label", title).element("title", title);
        scale(page, bottom);
        for (int i = 0; i < figures.size(); i++) {
            bar(page, figures.get(i), TOP + ROW * i);
        }
        page.element("text", title, "class", "tick", "x", "0", "y", Integer.toString(bottom + 16));
        page.end().endLine();
    }

    private void scale(Markup page, int bottom) {
        double step = niceStep(most / 5);
        for (int i = 0; i * step <= most; i++) {
            String x = at(x(i * step));
            page.empty("line", "class", "grid", "x1", x, "x2", x, "y1", at(TOP), "y2", at(bottom));
            page.element("text", Numbers.of(i * step), "class", "tick", "x", x, "y", at(bottom + 16), "text-anchor",
                    "middle");
        }
    }

    private void bar(Markup page, Figure figure, int y) {
        double middle = y + BAR / 2.0 + 3;
        double end = x(figure.median());
        page.element("text", figure.name(), "class", "name", "x", at(LEFT - 8), "y", at(y + BAR), "text-anchor", "end");
        page.empty("rect", "class", "bar", "x", at(LEFT), "y", at(y + 3), "width", at(end - LEFT), "height", at(BAR));
        double from = x(Math.max(0, figure.median() - noise(figure)));
        double to = x(figure.median() + noise(figure));
        if (to > from) {
            page.empty("path", "class", "error", "d", "M" + at(from) + " " + at(middle) + "H" + at(to)
                    + "M" + at(from) + " " + at(middle - 4) + "v8M" + at(to) + " " + at(middle - 4) + "v8");
        }
        page.element("text", Numbers.of(figure.median()), "class", "tick", "x", at(to + 6), "y", at(y + BAR));
    }

    private double x(double value) {
        return LEFT + value / most * PLOT;
    }

    /** A coordinate with a tenth of a pixel. */
    private static String at(double value) {
        return Numbers.of(Math.round(value * 10) / 10.0);
    }

    /** 1, 2 or 5 times a power of ten, no less than the value. */
    static double niceStep(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        double times = value / power;
        return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
    }
}
