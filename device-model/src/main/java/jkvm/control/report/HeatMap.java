package jkvm.control.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jkvm.boot.ElfSymbols;

/** Where the guest spent its instructions: its pages as a map of cells, and its hottest code as a table. */
final class HeatMap {
    /** More pages than these are left out, the coldest ones. */
    static final int MAX_PAGES = 2048;
    private static final int MAX_ROWS = 25;
    private static final int PAGE_SHIFT = 12;
    private static final int COLUMNS = 64;
    private static final int CELL = 13;
    private static final int LEFT = 150;
    private static final int WIDTH = 1040;
    private static final int SHADES = 9;
    private static final int BAR = 120;

    private final RunReport.Heat heat;
    private final TreeMap<Long, Long> pages = new TreeMap<>(Long::compareUnsigned);
    private final List<Map.Entry<Long, Long>> hottest;
    private long coldPages;

    HeatMap(RunReport.Heat heat) {
        this.heat = heat;
        hottest = new ArrayList<>(heat.addresses().entrySet());
        hottest.sort(Map.Entry.<Long, Long>comparingByValue().reversed());
        heat.addresses().forEach((address, weight) -> pages.merge(address >>> PAGE_SHIFT, weight, Long::sum));
        if (pages.size() > MAX_PAGES) {
            List<Long> cold = pages.entrySet().stream().sorted(Comparator.comparingLong(Map.Entry::getValue))
                    .limit(pages.size() - MAX_PAGES).map(Map.Entry::getKey).toList();
            coldPages = cold.size();
            cold.forEach(pages::remove);
        }
    }

    void write(Markup page) {
        if (heat.total() == 0) {
            page.element("p", "No sample was taken: the guest executed too few instructions.", "class", "note")
                    .text("\n");
            return;
        }
        page.element("p", Numbers.count(heat.total()) + " instructions, "
                + Numbers.percent(heat.user(), heat.total()) + " of them in user mode, on "
                + Numbers.many(pages.size() + coldPages, "page") + " of code. Each sample stands for the instructions"
                + " since the one before. Addresses are linear: processes that use the same one share its cell.",
                "class", "note").text("\n");
        map(page);
        String lost = heat.elsewhere() == 0 && coldPages == 0 ? "" : "Not shown: " + Numbers.percent(heat.elsewhere(),
                heat.total()) + " of the instructions, at addresses that were too many and too cold to keep"
                + (coldPages == 0 ? "." : ", and the " + Numbers.count(coldPages) + " coldest pages.");
        if (!lost.isEmpty()) {
            page.element("p", lost, "class", "note").text("\n");
        }
        table(page);
    }

    /** Rows of pages; rows without a page that was executed are left out. */
    private void map(Markup page) {
        Map<Long, List<Map.Entry<Long, Long>>> rows = pages.entrySet().stream().collect(Collectors.groupingBy(
                entry -> entry.getKey() / COLUMNS, () -> new TreeMap<>(Long::compareUnsigned), Collectors.toList()));
        long most = pages.values().stream().mapToLong(Long::longValue).max().orElse(1);
        String title = "Instructions executed on each page of 4 KiB";
        page.begin("figure").begin("svg", "viewBox", "0 0 " + WIDTH + " " + (rows.size() * (CELL + 2) + 4), "role",
                "img", "aria-label", title).element("title", title);
        int y = 2;
        for (Map.Entry<Long, List<Map.Entry<Long, Long>>> row : rows.entrySet()) {
            long first = row.getKey() * COLUMNS;
            page.element("text", Numbers.hex(first << PAGE_SHIFT, 8), "class", "code", "x", Axis.at(LEFT - 10), "y",
                    Axis.at(y + 11), "text-anchor", "end");
            page.empty("rect", "class", "cold", "x", Axis.at(LEFT), "y", Axis.at(y), "width",
                    Axis.at(COLUMNS * CELL), "height", Axis.at(CELL));
            for (Map.Entry<Long, Long> cell : row.getValue()) {
                cell(page, cell, LEFT + (int) (cell.getKey() - first) * CELL, y, most);
            }
            y += CELL + 2;
        }
        page.end();
        shades(page);
        page.endLine();
    }

    private void cell(Markup page, Map.Entry<Long, Long> cell, int x, int y, long most) {
        long address = cell.getKey() << PAGE_SHIFT;
        page.begin("rect", "class", "h" + shade(cell.getValue(), most), "x", Axis.at(x), "y", Axis.at(y), "width",
                Axis.at(CELL - 1), "height", Axis.at(CELL));
        page.element("title", Numbers.hex(address, 8) + ": " + Numbers.percent(cell.getValue(), heat.total()) + ", "
                + Numbers.count(cell.getValue()) + " instructions").end();
    }

    /** Logarithmic: each shade stands for some four times the one before. */
    private static int shade(long weight, long most) {
        double below = Math.log(most / (double) Math.max(1, weight)) / Math.log(4);
        return Math.clamp(SHADES - 1 - (int) below, 0, SHADES - 1);
    }

    private static void shades(Markup page) {
        page.begin("p", "class", "note").text("fewer ");
        page.begin("svg", "width", Integer.toString(SHADES * CELL), "height", "10", "aria-hidden", "true");
        for (int i = 0; i < SHADES; i++) {
            page.empty("rect", "class", "h" + i, "x", Integer.toString(i * CELL), "width", Integer.toString(CELL - 1),
                    "height", "10");
        }
        page.end().text(" more instructions; each shade stands for four times the one before").end();
    }

    private void table(Markup page) {
        List<Map.Entry<Long, Long>> rows = hottest.subList(0, Math.min(MAX_ROWS, hottest.size()));
        boolean hasSymbols = rows.stream().anyMatch(place -> heat.symbols().at(place.getKey()).isPresent());
        page.begin("div", "class", "wide").begin("table", "class", "narrow").begin("thead").begin("tr");
        page.element("th", "block at", "scope", "col", "class", "left");
        if (hasSymbols) {
            page.element("th", "symbol", "scope", "col", "class", "left");
        }
        page.element("th", "instructions", "scope", "col").element("th", "share", "scope", "col")
                .element("th", "").end().end().begin("tbody");
        long most = hottest.isEmpty() ? 1 : hottest.getFirst().getValue();
        for (Map.Entry<Long, Long> place : rows) {
            page.begin("tr").element("td", Numbers.hex(place.getKey(), 8), "class", "code left");
            if (hasSymbols) {
                String symbol = heat.symbols().at(place.getKey()).map(ElfSymbols.Place::toString).orElse("");
                page.begin("td", "class", "left cut", "title", symbol).element("span", symbol).end();
            }
            page.element("td", Numbers.count(place.getValue()))
                    .element("td", Numbers.percent(place.getValue(), heat.total())).begin("td", "class", "bar")
                    .begin("svg", "width", Integer.toString(BAR), "height", "10", "aria-hidden", "true")
                    .empty("rect", "class", "k5", "height", "10", "width",
                            Axis.at(Math.max(1, BAR * place.getValue() / (double) most))).end().end().endLine();
        }
        page.end().end().endLine();
    }
}
