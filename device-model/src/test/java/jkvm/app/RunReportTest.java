package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jkvm.control.report.ReportDocument;
import jkvm.guest.GuestImages;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code -trace report=FILE} on guests whose exits, memory and end are known. */
@OnEachKvm
class RunReportTest {
    private static final Path IMAGES = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot");
    private static final int GUEST_EXIT = 71;
    private static final int FULL_MEMORY_MIB = 64;

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private String messages = "";

    RunReportTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    private int run(String image, String... options) {
        List<String> words = new ArrayList<>(List.of("-accel", kvm.kind().text(), "-nodefaults", "-display", "none",
                "-serial", "null", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-m",
                Integer.toString(FULL_MEMORY_MIB), "-kernel", IMAGES.resolve(image + ".bin").toString()));
        words.addAll(List.of(options));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(words, new PrintStream(OutputStream.nullOutputStream()), new PrintStream(err, true));
        messages = err.toString(StandardCharsets.UTF_8);
        return status;
    }

    @Test
    void shouldShowTheRunThatTheOtherViewsShow() throws Exception {
        Path file = folder.resolve("report.html");
        Path json = folder.resolve("exits.json");

        int status = run("debug-exit", "-name", "<the guest>", "-trace", "report=" + file, "-trace", "exits,json="
                + json);

        assertEquals(GUEST_EXIT, status);
        ReportDocument page = ReportDocument.read(file);
        assertEquals("<the guest>", page.all("h1").getFirst().getTextContent());
        assertEquals("guest-shutdown, exit code 71", page.fact("Ended"));
        assertTrue(page.fact("Accelerator").startsWith(kvm.kind().text()), page.fact("Accelerator"));
        assertEquals("pc, 1 CPU (host), 64 MiB RAM", page.fact("Machine"));
        assertSameExits(page, Files.readString(json));
        assertParts(page);
        assertEnd(page);
    }

    private static void assertSameExits(ReportDocument page, String json) {
        List<List<String>> exits = page.rows("places").stream().map(row -> List.of(row.get(0), row.get(1), row.get(2),
                row.get(3), row.get(5))).toList();
        Pattern exit = Pattern.compile("\"exit\": \"([^\"]+)\",\\s+\"place\": (\\d+),\\s+\"size\": (\\d+),"
                + "\\s+\"device\": \"([^\"]+)\",\\s+\"count\": (\\d+)");
        List<List<String>> expected = exit.matcher(json).results().map(RunReportTest::row).toList();
        assertEquals(expected, exits);
        assertTrue(exits.contains(List.of("IO out", "0xf4", "4", "debug-exit-f4", "1")), exits.toString());
        assertEquals(Long.toString(exits.stream().mapToLong(row -> Long.parseLong(row.get(4))).sum()),
                page.tile("exits"));
        assertTrue(page.rows("places").stream().anyMatch(row -> row.get(4).equals("LSR")), page.text("places"));
    }

    private static List<String> row(MatchResult exit) {
        return List.of(exit.group(1), "0x" + Long.toHexString(Long.parseLong(exit.group(2))), exit.group(3),
                exit.group(4), exit.group(5));
    }

    private static void assertParts(ReportDocument page) {
        assertTrue(page.text("memory").contains("0000_00000000 – 0000_03ffffff64 MiBRAM"), page.text("memory"));
        assertTrue(page.text("memory").contains("0xcf8–0xcfb pci-config") || page.text("memory")
                .contains("0cf8–0cfb pci-config"), page.text("memory"));
        assertTrue(page.text("devices").contains("isa-debug-exit"), page.text("devices"));
        assertTrue(page.text("devices").contains("iobase 244 (0xf4)"), page.text("devices"));
        assertTrue(page.text("devices").contains("00.0 i440fx"), page.text("devices"));
    }

    private void assertEnd(ReportDocument page) {
        assertEquals(List.of("SHUTDOWN", "guest-shutdown"), page.rows("events").getFirst().subList(1, 3));
        assertTrue(page.text("end").contains("EAX=00000123 "), page.text("end"));
        assertTrue(page.rows("end").stream().anyMatch(row -> row.get(2).equals("ef")
                && row.get(3).equals("out    dx,eax")), page.text("end"));
        assertEquals(1, page.rows("end").stream().filter(row -> row.getFirst().equals("RIP")).count());
        boolean isSoft = kvm.kind() == Accelerator.Kind.SOFT;
        assertEquals(isSoft, page.section("heat") != null);
        if (isSoft) {
            assertTrue(page.text("heat").contains("on 1 page of code"), page.text("heat"));
            assertTrue(page.rows("heat").getFirst().getFirst().startsWith("00100"), page.text("heat"));
        }
    }

    @Test
    void shouldNameHotCodeByTheSymbolsOfTheKernel() throws Exception {
        assumeTrue(kvm.kind() == Accelerator.Kind.SOFT, "other KVMs do not tell where a guest executes");
        Path file = folder.resolve("report.html");

        new GdbGuest(folder).run(63, List.of("-accel", "soft", "-trace", "report=" + file));

        List<String> hottest = ReportDocument.read(file).rows("heat").getFirst();
        assertTrue(hottest.get(1).matches("(total|add|guest_main)(\\+0x[0-9a-f]+)?"), hottest.toString());
    }

    @Test
    void shouldTellResetsAndHowAFailureEnded() throws Exception {
        Path file = folder.resolve("report.html");

        int status = run("reset", "-append", "t", "-no-reboot", "-trace", "report=" + file);

        ReportDocument page = ReportDocument.read(file);
        assertTrue(page.fact("Ended").startsWith("guest-reset, exit code " + status), page.fact("Ended"));
        assertEquals(List.of("SHUTDOWN", "guest-reset"), page.rows("events").getLast().subList(1, 3));
    }

    @Test
    void shouldKeepTheGuestsExitCodeWhereThePageCannotBeWritten() throws Exception {
        int full = run("debug-exit", "-trace", "report=/dev/full");

        assertEquals(GUEST_EXIT, full);
        assertEquals("jkvm: -trace report=/dev/full: the report cannot be written: No space left on device\n",
                messages);
    }

    @Test
    void shouldRefuseAFileThatCannotBeWrittenBeforeTheGuestStarts() {
        Path absent = folder.resolve("none");

        int missing = run("debug-exit", "-trace", "report=" + absent.resolve("report.html"));
        String missingLine = messages;
        int directory = run("debug-exit", "-trace", "report=" + folder);
        String directoryLine = messages;
        int nameless = run("debug-exit", "-trace", "report=");

        assertEquals(List.of(1, 1, 1), List.of(missing, directory, nameless));
        assertEquals("jkvm: cannot write the report " + absent + "/report.html: there is no folder " + absent + "\n",
                missingLine);
        assertEquals("jkvm: cannot write the report " + folder + ": Is a directory\n", directoryLine);
        assertEquals("jkvm: -trace report=: property report needs the name of a file\n", messages);
    }

    @Test
    void shouldReplaceAnEarlierReportAndLeaveNothingElse() throws Exception {
        Path file = Files.writeString(folder.resolve("report.html"), "earlier");
        Path link = Files.createSymbolicLink(folder.resolve("link.html"), file);

        run("debug-exit", "-trace", "report=" + link);

        assertTrue(Files.isSymbolicLink(link));
        assertFalse(Files.readString(file).startsWith("earlier"));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void shouldAskForAFile() {
        assertEquals(1, run("debug-exit", "-trace", "report"));
        assertTrue(messages.contains("property report needs the name of a file"), messages);
    }
}
