package jkvm.control.report;

import java.util.List;
import java.util.Locale;
import jkvm.machine.facts.MachineFacts;
import jkvm.machine.facts.MemoryRange;
import jkvm.machine.facts.PortRange;

/** The guest's physical addresses: a row for each range, as long as the logarithm of its size. */
final class MemoryChart {
    /** More ranges than these are not drawn. */
    static final int MAX_RANGES = 80;
    private static final int WIDTH = 1040;
    private static final int ROW = 22;
    private static final int BOX = 330;
    private static final int BOX_WIDTH = 330;
    private static final int NAME = BOX + BOX_WIDTH + 90;
    private static final int NAME_LENGTH = 30;
    /** The logarithm of the smallest range that is drawn longer than the shortest. */
    private static final int LEAST = 6;
    private static final int MOST = 44;

    private final MachineFacts facts;

    MemoryChart(MachineFacts facts) {
        this.facts = facts;
    }

    void write(Markup page) {
        List<MemoryRange> ranges = facts.memory().subList(0, Math.min(MAX_RANGES, facts.memory().size()));
        String title = "Memory map: guest physical addresses";
        page.begin("figure").begin("svg", "viewBox", "0 0 " + WIDTH + " " + (ROW * ranges.size() + 4), "role", "img",
                "aria-label", title).element("title", title);
        for (int i = 0; i < ranges.size(); i++) {
            row(page, ranges.get(i), ROW * i + 2);
        }
        page.end().endLine();
        if (ranges.size() < facts.memory().size()) {
            page.element("p", "and " + Numbers.count(facts.memory().size() - ranges.size()) + " ranges more", "class",
                    "note").text("\n");
        }
    }

    private static void row(Markup page, MemoryRange range, int y) {
        String kind = switch (range.kind()) {
            case RAM -> "RAM";
            case ROM -> "ROM";
            case CHIP -> "interrupt controller in KVM";
            case REGISTERS -> "registers";
        };
        String owner = range.owner();
        String name = owner.isEmpty() ? kind : owner;
        String size = Numbers.bytes(range.range().length());
        double length = (Math.log((double) range.range().length()) / Math.log(2) - LEAST) / (MOST - LEAST);
        page.begin("g").element("title", address(range.range().start()) + " to "
                + address(range.range().end() - 1) + ", " + size + ": " + kind + " " + owner);
        page.element("text", address(range.range().start()) + " – " + address(range.range().end() - 1),
                "class", "code", "x", "0", "y", Axis.at(y + 14));
        page.empty("rect", "class", "m-" + range.kind().name().toLowerCase(Locale.ROOT), "x", Axis.at(BOX),
                "y", Axis.at(y + 2), "width", Axis.at(Math.clamp(length * BOX_WIDTH, 4, BOX_WIDTH)), "height",
                Axis.at(ROW - 5), "rx", "2");
        page.element("text", size, "class", "tick", "x", Axis.at(NAME - 12), "y", Axis.at(y + 14), "text-anchor",
                "end");
        page.element("text", cut(name) + (owner.isEmpty() ? "" : " (" + kind + ")"), "class", "name", "x",
                Axis.at(NAME), "y", Axis.at(y + 14)).end();
    }

    private static String address(long value) {
        String digits = Numbers.hex(value, 12);
        return digits.substring(0, digits.length() - 8) + "_" + digits.substring(digits.length() - 8);
    }

    private static String cut(String name) {
        return name.length() <= NAME_LENGTH ? name : name.substring(0, NAME_LENGTH - 1) + "…";
    }

    /** The ports, as a table that is closed at first. */
    void writePorts(Markup page) {
        List<PortRange> ports = facts.ports().subList(0, Math.min(4 * MAX_RANGES, facts.ports().size()));
        page.begin("details").element("summary", "I/O ports (" + Numbers.count(facts.ports().size()) + " ranges)");
        page.begin("ul", "class", "ports");
        for (PortRange port : ports) {
            page.begin("li").element("span", Numbers.hex(port.range().start(), 4) + "–"
                    + Numbers.hex(port.range().end() - 1, 4), "class", "code");
            page.text(" " + (port.owner().isEmpty() ? "no name" : port.owner())).end();
        }
        page.end();
        if (ports.size() < facts.ports().size()) {
            page.element("p", "and " + Numbers.count(facts.ports().size() - ports.size()) + " ranges more", "class",
                    "note");
        }
        page.endLine();
    }
}
