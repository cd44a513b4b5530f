package jkvm.control.report;

import java.util.List;
import jkvm.inspect.ExitPlace;
import jkvm.inspect.ExitStatistics;

/** The busiest ports and addresses as a table. */
final class PlacesTable {
    /** More rows than these are added up in the last one. */
    static final int MAX_ROWS = 100;
    /** The first ones are seen at once. */
    private static final int OPEN_ROWS = 30;
    private static final int BAR = 60;
    private static final String[] HEADS = {"exit", "place", "size", "device", "register", "count", "", "total",
        "median", "p99", "most", "total", "median", "p99"};

    private final List<RunReport.Place> places;
    private final long exits;

    PlacesTable(RunReport run) {
        places = run.places();
        exits = run.exits();
    }

    void write(Markup page) {
        if (places.isEmpty()) {
            page.element("p", "There were no exits.", "class", "note").text("\n");
            return;
        }
        List<RunReport.Place> shown = places.subList(0, Math.min(MAX_ROWS, places.size()));
        int open = Math.min(OPEN_ROWS, shown.size());
        table(page, shown.subList(0, open));
        if (open < shown.size()) {
            page.begin("details").element("summary", Numbers.many(shown.size() - open, "place") + " more");
            table(page, shown.subList(open, shown.size()));
            page.endLine();
        }
        remarks(page, places.subList(shown.size(), places.size()));
    }

    private void table(Markup page, List<RunReport.Place> rows) {
        page.begin("div", "class", "wide").begin("table").begin("thead").begin("tr");
        page.element("th", "", "colspan", "7");
        page.element("th", "user space", "colspan", "4", "class", "group");
        page.element("th", "KVM_RUN before", "colspan", "3", "class", "group").end().begin("tr");
        for (int i = 0; i < HEADS.length; i++) {
            boolean isText = i == 0 || i == 3 || i == 4;
            page.element("th", HEADS[i], "scope", "col", "class", isText ? "left" : "");
        }
        page.end().end().begin("tbody");
        long most = places.isEmpty() ? 1 : places.getFirst().exits().count();
        rows.forEach(place -> row(page, place, most));
        page.end().end().endLine();
    }

    private void remarks(Markup page, List<RunReport.Place> rest) {
        if (!rest.isEmpty()) {
            long count = rest.stream().mapToLong(place -> place.exits().count()).sum();
            page.element("p", "and " + Numbers.count(rest.size()) + " further places with "
                    + Numbers.count(count) + " exits, " + Numbers.percent(count, exits) + " of all", "class", "note")
                    .text("\n");
        }
        if (places.stream().anyMatch(PlacesTable::isMerged)) {
            page.element("p", "“other places” holds the exits at all places after the first "
                    + Numbers.count(ExitStatistics.MAX_PLACES) + " of a vCPU.", "class", "note").text("\n");
        }
    }

    /** Ports and addresses that were too many to tell apart. */
    private static boolean isMerged(RunReport.Place place) {
        ExitPlace exit = place.exits();
        return exit.place() == ExitStatistics.NO_PLACE
                && (exit.exit().startsWith("IO ") || exit.exit().startsWith("MMIO "));
    }

    private void row(Markup page, RunReport.Place place, long most) {
        ExitPlace exit = place.exits();
        boolean hasPlace = exit.place() != ExitStatistics.NO_PLACE;
        page.begin("tr").element("td", exit.exit(), "class", "left");
        page.element("td", hasPlace ? Numbers.hex(exit.place()) : isMerged(place) ? "other places" : "", "class",
                "code");
        page.element("td", hasPlace ? Integer.toString(exit.size()) : "");
        cut(page, hasPlace && place.device().isEmpty() ? "none" : place.device());
        cut(page, place.register());
        page.element("td", Numbers.count(exit.count()));
        page.begin("td", "class", "bar", "title", Numbers.percent(exit.count(), exits) + " of all exits")
                .begin("svg", "width", Integer.toString(BAR), "height", "10", "aria-hidden", "true")
                .empty("rect", "class", "k0", "height", "10", "width",
                        Axis.at(Math.max(1, BAR * exit.count() / (double) most))).end().end();
        ExitPlace.Times handler = exit.handler();
        times(page, handler.totalNanos(), handler.medianNanos(), handler.p99Nanos(), handler.mostNanos());
        times(page, exit.guest().totalNanos(), exit.guest().medianNanos(), exit.guest().p99Nanos());
        page.endLine();
    }

    private static void times(Markup page, long... nanos) {
        for (long time : nanos) {
            page.element("td", Numbers.nanos(time));
        }
    }

    /** A name that the style sheet may cut; its title has all of it. */
    private static void cut(Markup page, String name) {
        page.begin("td", "class", "left cut", "title", name).element("span", name).end();
    }
}
