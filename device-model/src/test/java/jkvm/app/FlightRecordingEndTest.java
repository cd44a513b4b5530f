package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jkvm.guest.GuestImages;
import jkvm.json.Json;
import jkvm.json.JsonReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recordings: the JDK's {@code jfr} tool reads them, their settings, how they end, and what keeps them from that. */
@Timeout(120)
class FlightRecordingEndTest {
    private static final int GUEST_EXIT = 71;
    private static final Path ALL = GuestImages.folder("device-model", "src/main/resources/jkvm/control/jfr")
            .resolve("jkvm-all.jfc");

    @TempDir
    private Path folder;
    private String messages = "";
    private Process process;

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private static List<String> guest(String image, String serial, String... options) {
        Path file = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot").resolve(image + ".bin");
        List<String> words = new ArrayList<>(List.of("-accel", "soft", "-m", "32", "-nodefaults", "-display", "none",
                "-serial", serial, "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel", file.toString()));
        words.addAll(List.of(options));
        return words;
    }

    private int run(String recording) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(guest("debug-exit", "null", "-trace", recording),
                new PrintStream(OutputStream.nullOutputStream()), new PrintStream(err, true));
        messages = err.toString(StandardCharsets.UTF_8);
        return status;
    }

    /** The output of the JDK's tool. */
    private static String jfr(String... arguments) throws IOException, InterruptedException {
        Path program = Path.of(System.getProperty("java.home"), "bin", "jfr");
        List<String> words = new ArrayList<>(List.of(program.toString()));
        words.addAll(List.of(arguments));
        Process tool = new ProcessBuilder(words).redirectErrorStream(true).start();
        String text = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, tool.waitFor(), text);
        return text;
    }

    @Test
    void shouldBeReadByTheJdksTool() throws Exception {
        // given
        String recording = RecordedGuest.record("soft", folder).toString();

        // when
        String summary = jfr("summary", recording);
        String json = jfr("print", "--json", "--events", "jkvm.Interrupt", recording);
        String view = jfr("view", "--width", "160", "jkvm.DiskRequest", recording);

        // then
        assertTrue(Pattern.compile("(?m)^ jkvm\\.DiskRequest +5 ").matcher(summary).find(), summary);
        assertTrue(Pattern.compile("(?m)^ jkvm\\.Interrupt +5 ").matcher(summary).find(), summary);
        assertTrue(JsonReader.read(json) instanceof Json.Members, json);
        Pattern message = Pattern.compile("\"device\": \"root\",\\s+\"kind\": \"MSI\",\\s+\"gsi\": -1,"
                + "\\s+\"level\": true,\\s+\"address\": 4276092928,\\s+\"data\": 48");
        assertEquals(3, message.matcher(json).results().count(), json);
        assertTrue(Pattern.compile(" root +drive +read +1\\.5 kB +512 bytes +ok").matcher(view).find(), view);
        assertTrue(Pattern.compile(" write +2\\.5 kB +1\\.0 kB +ok").matcher(view).find(), view);
    }

    @Test
    void shouldLeaveOutExitsThatAreShortUnlessToldOtherwise() throws Exception {
        Path small = folder.resolve("small.jfr");
        Path all = folder.resolve("all.jfr");

        assertEquals(GUEST_EXIT, run("jfr=" + small));
        assertEquals(GUEST_EXIT, run("jfr=" + all + ",settings=" + ALL));

        assertTrue(exits(small).stream().allMatch(exit -> exit.getDuration().compareTo(Duration.ofNanos(20_000)) >= 0));
        assertTrue(exits(all).size() > exits(small).size(), () -> "exits: " + messages);
    }

    private static List<RecordedEvent> exits(Path recording) throws IOException {
        return RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals("jkvm.Exit")).toList();
    }

    @Test
    void shouldRefuseWhatCannotBeRecordedBeforeTheGuestStarts() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.jfc"), "<configuration version=\"2.0\"><event>");

        assertEquals(1, run("jfr=" + folder + "/none/a.jfr"));
        assertEquals("jkvm: Error opening recording " + folder + "/none/a.jfr: no such file or directory\n", messages);
        assertEquals(1, run("jfr=" + folder + "/a.jfr,settings=nosuch"));
        assertEquals("jkvm: settings of a recording nosuch: no such file or directory; jkvm, jkvm-all, default and"
                + " profile need no file\n", messages);
        assertEquals(1, run("jfr=" + folder + "/a.jfr,settings=" + broken));
        assertTrue(messages.matches("jkvm: settings of a recording \\S+broken.jfc: .+\\n"), messages);
        assertEquals(1, run("exits,settings=jkvm"));
        assertTrue(messages.contains("property settings is for jfr=FILE"), messages);
        assertFalse(Files.exists(folder.resolve("a.jfr")));
    }

    @Test
    void shouldKeepTheGuestsExitCodeWhereTheDiskIsFull() {
        assertEquals(GUEST_EXIT, run("jfr=/dev/full"));

        assertEquals("jkvm: warning: the recording /dev/full is not whole: No space left on device\n", messages);
    }

    @Test
    void shouldBeWholeWhenASignalEndsTheProcess() throws Exception {
        // given
        Path recording = folder.resolve("killed.jfr");
        List<String> words = guest("power-button", "stdio", "-trace", "jfr=" + recording + ",settings=" + ALL);
        process = new ProcessBuilder(JkvmProcess.command(words.toArray(String[]::new))).start();
        BufferedReader output = process.inputReader(StandardCharsets.US_ASCII);
        assertEquals("ready", output.readLine());

        // when
        assertTrue(process.toHandle().destroy());

        // then
        assertEquals("jkvm: terminated by a signal", process.errorReader().readLine());
        assertEquals(0, process.waitFor());
        List<RecordedEvent> events = RecordingFile.readAllEvents(recording);
        assertTrue(events.stream().filter(event -> event.getEventType().getName().equals("jkvm.Exit")).count() > 10);
        assertTrue(events.stream().anyMatch(event -> event.getEventType().getName().equals("jkvm.MachineEvent")
                && event.getString("cause").equals("host-signal")), events::toString);
    }

    @Test
    void shouldAlsoTellARecordingThatTheUserHasTheJvmStart() throws Exception {
        // given
        Path recording = folder.resolve("own.jfr");
        List<String> words = JkvmProcess.command(guest("debug-exit", "null").toArray(String[]::new));
        words.addAll(1, List.of("-Djkvm.jfr=true", "-XX:StartFlightRecording:filename=" + recording));

        // when
        process = new ProcessBuilder(words).redirectErrorStream(true).start();

        // then
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(GUEST_EXIT, process.waitFor(), output);
        assertTrue(RecordingFile.readAllEvents(recording).stream()
                .anyMatch(event -> event.getEventType().getName().equals("jkvm.MachineState")), output);
    }
}
