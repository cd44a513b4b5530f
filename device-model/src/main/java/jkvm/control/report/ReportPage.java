package jkvm.control.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.inspect.ExitCost;
import jkvm.inspect.ExitPlace;

/** Makes the page of a run: one document with its style sheet, without scripts, that asks nothing of a network. */
final class ReportPage {
    private static final String STYLE = "report.css";
    /** More events than these have no row. */
    private static final int MAX_EVENTS = 200;
    /** More events than these are folded away. */
    private static final int OPEN_EVENTS = 12;
    private static final int WIDTH = 1040;

    private final RunReport run;
    private final Markup page = new Markup();

    private ReportPage(RunReport run) {
        this.run = run;
    }

    /** The document. */
    static String of(RunReport run) {
        return new ReportPage(run).write();
    }

    private String write() {
        String title = run.guest() + " – jkvm run report";
        page.begin("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").begin("head");
        page.empty("meta", "charset", "utf-8").empty("meta", "name", "viewport", "content",
                "width=device-width, initial-scale=1");
        page.empty("meta", "http-equiv", "Content-Security-Policy", "content",
                "default-src 'none'; style-src 'unsafe-inline'");
        page.element("title", title).style(style()).endLine();
        page.begin("body").begin("main");
        header();
        section("timeline", "Exits over time", () -> new TimelineChart(run, new Palette(run.costs())).write(page));
        section("events", "Events", this::events);
        section("time", "User space and KVM_RUN", this::split);
        section("cost", "Cost of exits", this::costs);
        run.heat().ifPresent(heat -> section("heat", "Guest code", () -> new HeatMap(heat).write(page)));
        section("places", "Busiest ports and addresses", () -> new PlacesTable(run).write(page));
        run.facts().ifPresent(facts -> {
            MemoryChart memory = new MemoryChart(facts);
            section("memory", "Memory map", () -> {
                memory.write(page);
                memory.writePorts(page);
            });
            section("devices", "Devices", () -> new DeviceTree(facts.devices()).write(page));
        });
        section("end", "State at the end", () -> new EndStates(run.vcpus()).write(page));
        page.end().endLine().endLine();
        return page.document();
    }

    private static String style() {
        try (InputStream in = ReportPage.class.getResourceAsStream(STYLE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void section(String id, String title, Runnable content) {
        page.begin("section", "id", id, "aria-labelledby", id + "-title").element("h2", title, "id", id + "-title")
                .text("\n");
        content.run();
        page.endLine();
    }

    private void header() {
        page.begin("header").element("p", "jkvm run report", "class", "note").element("h1", run.guest(), "title",
                run.guest());
        page.begin("ul", "class", "tiles");
        long user = run.costs().stream().mapToLong(cost -> cost.handler().totalNanos()).sum();
        tile(Numbers.nanos(run.runNanos()), "run time");
        tile(Numbers.count(run.exits()), "exits");
        tile(Numbers.roughly(Math.round(run.exits() * 1e9 / Math.max(1, run.runNanos()))), "exits per second");
        tile(Numbers.nanos(user), "in user space");
        run.heat().ifPresent(heat -> tile(Numbers.roughly(heat.total()), "instructions"));
        page.end().begin("dl");
        run.about().forEach((label, value) -> page.element("dt", label).element("dd", value, "title", value));
        page.endLine();
        if (!run.ending().isEmpty()) {
            page.element("pre", run.ending(), "class", "ending");
        }
        page.endLine();
    }

    private void tile(String value, String label) {
        page.begin("li").element("strong", value).text(" ").element("span", label).end();
    }

    private void events() {
        if (run.events().isEmpty()) {
            page.element("p", "None: the guest ran without a pause or a reset.", "class", "note");
            return;
        }
        boolean isLong = run.events().size() > OPEN_EVENTS;
        if (isLong) {
            page.begin("details").element("summary", Numbers.count(run.events().size() + run.lost()) + " events");
        }
        eventRows();
        if (isLong) {
            page.endLine();
        }
    }

    private void eventRows() {
        List<RunReport.Event> shown = run.events().subList(0, Math.min(MAX_EVENTS, run.events().size()));
        page.begin("table", "class", "narrow").begin("thead").begin("tr").element("th", "time", "scope", "col")
                .element("th", "event", "scope", "col", "class", "left").element("th", "cause", "scope", "col", "class",
                "left").end().end().begin("tbody");
        for (RunReport.Event event : shown) {
            page.begin("tr").element("td", Numbers.nanos(event.nanos())).element("td", event.name(), "class", "left")
                    .element("td", event.detail(), "class", "left").endLine();
        }
        page.end().endLine();
        long more = run.events().size() - shown.size() + run.lost();
        if (more > 0) {
            page.element("p", "and " + Numbers.count(more) + " events more", "class", "note");
        }
    }

    /** A bar of the time in user space and in KVM_RUN for each vCPU. */
    private void split() {
        page.element("p", "KVM_RUN is the guest's own instructions, its waits for interrupts, pauses and the kernel;"
                + " user space is jkvm's devices.", "class", "note").text("\n");
        List<RunReport.VcpuRun> vcpus = run.vcpus().subList(0, Math.min(EndStates.MAX_VCPUS, run.vcpus().size()));
        String title = "Time of each vCPU in KVM_RUN and in user space";
        page.begin("figure").begin("svg", "viewBox", "0 0 " + WIDTH + " " + (vcpus.size() * 24 + 4), "role", "img",
                "aria-label", title).element("title", title);
        for (int i = 0; i < vcpus.size(); i++) {
            splitBar(vcpus.get(i), i * 24);
        }
        page.end().endLine();
    }

    private void splitBar(RunReport.VcpuRun vcpu, int y) {
        long guest = sum(vcpu.timeline().guestNanos());
        long handler = sum(vcpu.timeline().handlerNanos());
        long all = Math.max(1, Math.max(run.runNanos(), guest + handler));
        double plot = 560;
        page.element("text", "vCPU " + vcpu.id(), "class", "name", "x", "0", "y", Axis.at(y + 15));
        page.empty("rect", "class", "cold", "x", "64", "y", Axis.at(y + 3), "width", Axis.at(plot), "height", "16");
        page.empty("rect", "class", "kernel", "x", "64", "y", Axis.at(y + 3), "width", Axis.at(plot * guest / all),
                "height", "16");
        page.empty("rect", "class", "user", "x", Axis.at(64 + plot * guest / all), "y", Axis.at(y + 3), "width",
                Axis.at(plot * handler / all), "height", "16");
        page.element("text", "KVM_RUN " + Numbers.nanos(guest) + " (" + Numbers.percent(guest, all) + "), user space "
                + Numbers.nanos(handler) + " (" + Numbers.percent(handler, all) + ")", "class", "tick", "x",
                Axis.at(64 + plot + 12), "y", Axis.at(y + 15));
    }

    private static long sum(long[] values) {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }

    private void costs() {
        if (run.costs().isEmpty()) {
            page.element("p", "There were no exits.", "class", "note");
            return;
        }
        page.element("p", "Bars: time in user space. Line: time in KVM_RUN before the exit. Heights are logarithmic.",
                "class", "note").text("\n");
        new CostChart(run.costs()).write(page);
        page.begin("div", "class", "wide").begin("table").begin("thead").begin("tr");
        for (String head : List.of("exit", "count", "share", "user space", "median", "p99", "most", "KVM_RUN", "median",
                "p99", "least")) {
            page.element("th", head, "scope", "col", "class", head.equals("exit") ? "left" : "");
        }
        page.end().end().begin("tbody");
        for (ExitCost cost : run.costs()) {
            ExitPlace.Times user = cost.handler();
            ExitPlace.Times kernel = cost.guest();
            page.begin("tr").element("td", cost.exit(), "class", "left").element("td", Numbers.count(kernel.count()))
                    .element("td", Numbers.percent(kernel.count(), run.exits()));
            for (long nanos : List.of(user.totalNanos(), user.medianNanos(), user.p99Nanos(), user.mostNanos(),
                    kernel.totalNanos(), kernel.medianNanos(), kernel.p99Nanos(), kernel.leastNanos())) {
                page.element("td", Numbers.nanos(nanos));
            }
            page.endLine();
        }
        page.end().end().endLine();
    }
}
