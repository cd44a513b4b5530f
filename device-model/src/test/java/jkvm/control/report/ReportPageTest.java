package jkvm.control.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jkvm.abi.KvmExit;
import jkvm.boot.ElfSymbols;
import jkvm.bus.AddressRange;
import jkvm.inspect.ExitStatistics;
import jkvm.inspect.ExitTimeline;
import jkvm.machine.facts.DeviceFacts;
import jkvm.machine.facts.MachineFacts;
import jkvm.machine.facts.MemoryRange;
import jkvm.machine.facts.PortRange;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class ReportPageTest {
    private static final String HOSTILE = "</style><script>alert('x')</script>&\"]]>\0\u001b\u202e\ud800"
            + "long".repeat(100);
    private static final long SECOND = 1_000_000_000;
    /** A page is not larger, whatever a guest does. */
    private static final int MAX_PAGE = 4 << 20;

    private final ExitStatistics exits = new ExitStatistics();

    private RunReport run(String name, List<RunReport.Event> events, long lost, Optional<MachineFacts> facts,
            Optional<RunReport.Heat> heat, int vcpus) {
        List<RunReport.VcpuRun> runs = IntStream.range(0, vcpus).mapToObj(id -> new RunReport.VcpuRun(id,
                new ExitTimeline(0), name, List.of(new RunReport.CodeLine(16, "90", name, true)))).toList();
        return new RunReport(name, Map.of("Machine", name), name, SECOND, runs,
                ExitStatistics.costs(List.of(exits)), ExitStatistics.places(List.of(exits)).stream()
                        .map(place -> new RunReport.Place(place, name, name)).toList(), events, lost, facts, heat);
    }

    private static ReportDocument page(RunReport run) throws Exception {
        String text = ReportPage.of(run);
        assertTrue(text.length() < MAX_PAGE, "characters: " + text.length());
        ReportDocument page = ReportDocument.parse(text);
        assertEquals(List.of(), page.all("script"));
        assertFalse(text.contains("http:") && text.replace("http://www.w3.org/1999/xhtml", "").contains("http:"),
                "an address of a network");
        return page;
    }

    private static MachineFacts facts(int ranges, String name) {
        return new MachineFacts(IntStream.range(0, ranges).mapToObj(i -> new MemoryRange(
                new AddressRange(i * 4096L, 4096), MemoryRange.Kind.REGISTERS, name)).toList(),
                IntStream.range(0, ranges).mapToObj(i -> new PortRange(new AddressRange(i, 1), name)).toList(),
                IntStream.range(0, ranges).mapToObj(i -> new DeviceFacts(name, Optional.empty(), Optional.empty()))
                        .toList(), List.of(), List.of());
    }

    @Test
    void shouldShowAnEmptyRun() throws Exception {
        ReportDocument page = page(run("none", List.of(), 0, Optional.empty(), Optional.empty(), 1));

        assertEquals("0", page.tile("exits"));
        assertEquals(List.of(), page.rows("places"));
        assertTrue(page.text("cost").contains("There were no exits."));
        assertNull(page.section("memory"));
        assertNull(page.section("heat"));
    }

    @Test
    void shouldShowHostileNamesAsText() throws Exception {
        exits.record(KvmExit.IO, true, 0x80, 1, 1000, 10);
        TreeMap<Long, Long> addresses = new TreeMap<>(Map.of(-4096L, 100L));
        RunReport.Heat heat = new RunReport.Heat(addresses, 0, 0, 100, ElfSymbols.NONE);

        ReportDocument page = page(run(HOSTILE, List.of(new RunReport.Event(5, HOSTILE, HOSTILE)), 0,
                Optional.of(facts(3, HOSTILE)), Optional.of(heat), 1));

        String shown = "</style><script>alert('x')</script>&\"]]>\uFFFD\uFFFD\uFFFD\uFFFD" + "long".repeat(100);
        assertEquals(shown, page.all("h1").getFirst().getTextContent());
        assertEquals(shown, page.rows("places").getFirst().get(3));
        assertEquals(shown, page.rows("events").getFirst().get(1));
        assertTrue(page.text("devices").contains(shown));
        assertTrue(page.text("end").contains(shown));
    }

    @Test
    void shouldSayWhatItLeavesOutOfMillionsOfPorts() throws Exception {
        for (int port = 0; port < 1_000_000; port++) {
            exits.record(KvmExit.MMIO, true, port * 8L, 4, 1000, 10);
        }
        exits.record(KvmExit.IO, false, 0x60, 1, 1000, 10);

        ReportDocument page = page(run("many", List.of(), 0, Optional.empty(), Optional.empty(), 1));

        List<List<String>> rows = page.rows("places");
        assertEquals(PlacesTable.MAX_ROWS, rows.size());
        assertEquals(List.of("MMIO write", "other places"), rows.getFirst().subList(0, 2));
        assertEquals("999,488", rows.getFirst().get(5));
        int further = ExitStatistics.MAX_PLACES + 2 - PlacesTable.MAX_ROWS;
        assertTrue(page.text("places").contains("and " + further + " further places with " + further + " exits"),
                page.text("places"));
        assertTrue(page.text("places").contains("after the first 512 of a vCPU"), page.text("places"));
        assertEquals("1,000,001", page.tile("exits"));
    }

    @Test
    void shouldStayBoundedWithMuchOfEverything() throws Exception {
        for (int reason = 0; reason < 60; reason++) {
            exits.record(reason, false, 1L << reason, 1L << reason / 2);
        }
        TreeMap<Long, Long> addresses = new TreeMap<>();
        for (long i = 0; i < 100_000; i++) {
            addresses.put(i << 16, i + 1);
        }
        List<RunReport.Event> events = Stream.generate(() -> new RunReport.Event(7, "RESET", "guest-reset"))
                .limit(1000).toList();
        RunReport.Heat heat = new RunReport.Heat(addresses, 5, 7, 5_000_050_005L, ElfSymbols.NONE);

        ReportDocument page = page(run("much", events, 1_000_000, Optional.of(facts(5000, "device")),
                Optional.of(heat), 255));

        assertTrue(page.text("events").contains("and 1,000,800 events more"), page.text("events"));
        assertTrue(page.text("timeline").contains("The first 16 of 255 vCPUs are drawn"), page.text("timeline"));
        assertTrue(page.text("heat").contains("the 97,952 coldest pages"), page.text("heat"));
        assertTrue(page.text("memory").contains("and 4,920 ranges more"));
        assertTrue(page.text("devices").contains("and 4,700 devices more"));
        assertTrue(page.text("end").contains("and 223 vCPUs more"));
        assertTrue(page.text("timeline").contains("others"));
    }

    @Test
    void shouldGiveEachRowOfTheMemoryMapItsOwnPlaceAndEachChartATitle() throws Exception {
        exits.record(KvmExit.HLT, false, 1000, 10);
        ReportDocument page = page(run("map", List.of(), 0, Optional.of(facts(50, "device")), Optional.empty(), 2));

        List<String> rows = page.all("rect").stream()
                .filter(rect -> rect.getAttribute("class").equals("m-registers")).map(rect -> rect.getAttribute("y"))
                .toList();
        assertEquals(50, rows.stream().distinct().count());
        for (Element chart : page.all("svg")) {
            boolean isDecoration = chart.getAttribute("aria-hidden").equals("true");
            assertTrue(isDecoration || chart.getElementsByTagName("title").getLength() > 0
                    && !chart.getAttribute("aria-label").isEmpty(), "a chart without a title");
        }
    }
}
