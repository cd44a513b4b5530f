package jkvm.control.report;

import java.util.List;
import jkvm.inspect.ExitCost;

/** How long exits took: a histogram for each kind, on one scale of powers of two. */
final class CostChart {
    /** More kinds than these have no histogram. */
    static final int MAX_KINDS = 16;
    private static final int WIDTH = 1040;
    private static final int LEFT = 190;
    private static final int PLOT = WIDTH - LEFT - 8;
    private static final int ROW = 58;
    private static final int BARS = 44;
    private static final int TOP = 6;
    private static final double DECADE = Math.log(10) / Math.log(2);

    private final List<ExitCost> costs;
    private final int low;
    private final int high;

    CostChart(List<ExitCost> all) {
        costs = all.subList(0, Math.min(MAX_KINDS, all.size()));
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (ExitCost cost : costs) {
            for (int power = 0; power < cost.handlerPowers().length; power++) {
                if (cost.handlerPowers()[power] + cost.guestPowers()[power] > 0) {
                    least = Math.min(least, power);
                    most = Math.max(most, power);
                }
            }
        }
        low = Math.min(least, most);
        high = most + 1;
    }

    private double x(double power) {
        return LEFT + (power - low) / (high - low) * PLOT;
    }

    void write(Markup page) {
        int bottom = TOP + ROW * costs.size();
        String title = "Time of exits by kind, on a logarithmic scale";
        page.begin("figure").begin("svg", "viewBox", "0 0 " + WIDTH + " " + (bottom + 26), "role", "img",
                "aria-label", title).element("title", title);
        scale(page, bottom);
        for (int i = 0; i < costs.size(); i++) {
            row(page, costs.get(i), i, TOP + ROW * i);
        }
        page.end().endLine();
    }

    private void scale(Markup page, int bottom) {
        for (double decade = Math.ceil(low / DECADE); decade * DECADE <= high; decade++) {
            double x = x(decade * DECADE);
            page.empty("line", "class", "grid", "x1", Axis.at(x), "x2", Axis.at(x), "y1", Axis.at(TOP), "y2",
                    Axis.at(bottom));
            page.element("text", Numbers.nanos(Math.round(Math.pow(10, decade))), "class", "tick", "x", Axis.at(x), "y",
                    Axis.at(bottom + 16), "text-anchor", x > LEFT + PLOT - 20 ? "end" : "middle");
        }
    }

    private void row(Markup page, ExitCost cost, int kind, int y) {
        double base = y + ROW - 6;
        page.element("text", cost.exit(), "class", "name", "x", "0", "y", Axis.at(base - 22));
        page.element("text", Numbers.count(cost.guest().count()) + " exits", "class", "tick", "x", "0", "y",
                Axis.at(base - 6));
        page.empty("line", "class", "axis", "x1", Axis.at(LEFT), "x2", Axis.at(LEFT + PLOT), "y1", Axis.at(base),
                "y2", Axis.at(base));
        double most = 1;
        for (int power = low; power < high; power++) {
            most = Math.max(most, (double) Math.max(cost.handlerPowers()[power], cost.guestPowers()[power]));
        }
        StringBuilder bars = new StringBuilder();
        StringBuilder steps = new StringBuilder("M" + Axis.at(LEFT) + " " + Axis.at(base));
        for (int power = low; power < high; power++) {
            double bar = size(cost.handlerPowers()[power], most);
            if (bar > 0) {
                Axis.box(bars, x(power) + 1, base - bar, x(power + 1) - x(power) - 2, bar);
            }
            steps.append('V').append(Axis.at(base - size(cost.guestPowers()[power], most))).append('H')
                    .append(Axis.at(x(power + 1)));
        }
        steps.append('V').append(Axis.at(base));
        if (!bars.isEmpty()) {
            page.empty("path", "class", Palette.styleOf(kind), "d", bars.toString());
        }
        page.empty("path", "class", "outline", "d", steps.toString());
        hits(page, cost, base);
    }

    private void hits(Markup page, ExitCost cost, double base) {
        for (int power = low; power < high; power++) {
            if (cost.handlerPowers()[power] + cost.guestPowers()[power] > 0) {
                page.begin("rect", "class", "hit", "x", Axis.at(x(power)), "y", Axis.at(base - BARS), "width",
                        Axis.at(x(power + 1) - x(power)), "height", Axis.at(BARS));
                page.element("title", cost.exit() + ", " + Numbers.nanos(1L << power) + " to "
                        + Numbers.nanos(2L << power) + ":\n" + Numbers.count(cost.handlerPowers()[power])
                        + " in user space\n" + Numbers.count(cost.guestPowers()[power]) + " in KVM_RUN").end();
            }
        }
    }

    /** On a logarithmic scale, so that few slow ones are seen beside many quick ones. */
    private static double size(long count, double most) {
        return count == 0 ? 0 : Math.max(2, BARS * Math.log1p((double) count) / Math.log1p(most));
    }
}
