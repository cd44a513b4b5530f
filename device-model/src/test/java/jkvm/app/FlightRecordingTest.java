package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import jdk.jfr.DataAmount;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Timespan;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -trace jfr=} on a guest each of whose steps is known: events, fields and units. */
@OnEachKvm
@Timeout(60)
class FlightRecordingTest {
    @TempDir
    private Path folder;
    private final String kvm;
    private List<RecordedEvent> events;

    FlightRecordingTest(Accelerator kvm) {
        this.kvm = kvm.kind().text();
    }

    /** The events of one name, in the order in which they began. */
    private List<RecordedEvent> named(String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals("jkvm." + name))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime)).toList();
    }

    /** A line for each event: the values of these fields. */
    private static List<String> lines(List<RecordedEvent> events, String... fields) {
        return events.stream().map(event -> String.join(" ", List.of(fields).stream()
                .map(field -> Objects.toString(event.getValue(field))).toList())).toList();
    }

    @Test
    void shouldTellAllThatAGuestHasDone() throws Exception {
        // when
        events = RecordingFile.readAllEvents(RecordedGuest.record(kvm, folder));

        // then
        assertExits();
        assertAccesses();
        assertUnits();
        assertDevices();
        assertEquals(List.of("null CREATED", "CREATED RUNNING", "RUNNING SHUT_DOWN"),
                lines(named("MachineState"), "before", "state"));
        assertEquals(List.of("SHUTDOWN guest-shutdown"), lines(named("MachineEvent"), "event", "cause"));
    }

    private void assertExits() {
        List<RecordedEvent> exits = named("Exit");
        assertEquals(5, exits.stream().filter(exit -> exit.getLong("address") == 0x80).count());
        assertEquals(3, exits.stream().filter(exit -> exit.getLong("address") == 0xF4
                && exit.getString("direction").equals("in")).count());
        List<RecordedEvent> pending = exits.stream().filter(exit -> exit.getString("reason").equals("MMIO")
                && (exit.getLong("address") & 0xFFF) == 0x800).toList();
        assertEquals(List.of("0 read 4", "0 read 4", "0 read 4", "0 read 4"),
                lines(pending, "vcpu", "direction", "size"));
        RecordedEvent post = exits.stream().filter(exit -> exit.getLong("address") == 0x80).findFirst().orElseThrow();
        assertEquals(List.of("0 IO out 1"), lines(List.of(post), "vcpu", "reason", "direction", "size"));
        assertTrue(post.getDuration("userTime").compareTo(Duration.ZERO) > 0, post::toString);
        assertTrue(post.getDuration("kernelTime").compareTo(Duration.ZERO) > 0, post::toString);
        assertTrue(post.getDuration().minus(post.getDuration("userTime")).abs().toMillis() < 1000, post::toString);
    }

    private void assertAccesses() {
        List<RecordedEvent> accesses = named("DeviceAccess");
        assertEquals(List.of("post write 1 1", "post write 1 2", "post write 1 4", "post write 1 8", "post write 1 16"),
                lines(accesses.stream().filter(access -> access.getLong("address") == 0x80).toList(), "device",
                        "direction", "size", "value"));
        assertEquals(List.of("serial0 IER/DLM write 2", "serial0 IER/DLM write 0"),
                lines(accesses.stream().filter(access -> access.getLong("address") == 0x3F9).toList(), "device",
                        "register", "direction", "value"));
    }

    private void assertUnits() {
        RecordedEvent exit = named("Exit").getFirst();
        for (String time : List.of("userTime", "kernelTime")) {
            assertEquals(Timespan.NANOSECONDS,
                    exit.getEventType().getField(time).getAnnotation(Timespan.class).value());
        }
        assertTrue(exit.getEventType().getField("address").getAnnotation(MemoryAddress.class) != null);
        assertEquals(DataAmount.BYTES, named("VirtqueueBatch").getFirst().getEventType().getField("bytes")
                .getAnnotation(DataAmount.class).value());
        assertEquals(List.of("jkvm"), exit.getEventType().getCategoryNames());
        assertEquals("VM Exit", exit.getEventType().getLabel());
    }

    private void assertDevices() {
        assertEquals(List.of("lan 0 1 54", "lan 1 1 54"), lines(named("VirtqueueBatch").stream()
                .filter(batch -> batch.getString("device").equals(RecordedGuest.CARD)).toList(), "device", "queue",
                "chains", "bytes").stream().sorted().toList());
        // One batch may take in the requests of the next.
        List<RecordedEvent> batches = named("VirtqueueBatch").stream()
                .filter(batch -> batch.getString("device").equals(RecordedGuest.DISK)).toList();
        assertEquals(3, batches.stream().mapToInt(batch -> batch.getInt("chains")).sum());
        assertEquals(529 + 1058, batches.stream().mapToLong(batch -> batch.getLong("bytes")).sum());
        List<String> requests = lines(named("DiskRequest"), "device", "node", "kind", "offset", "length", "result");
        // The first one guesses the disk's geometry.
        assertEquals(List.of("root drive read 1536 512 ok", "root drive write 2560 1024 ok", "root drive flush 0 0 ok",
                "root drive flush 0 0 ok"), requests.subList(1, requests.size()));
        assertEquals(List.of("lan send 42", "lan receive 42"), lines(named("Packet"), "card", "direction", "length"));
        List<RecordedEvent> interrupts = named("Interrupt");
        assertEquals(List.of("serial0 GSI 4 true", "serial0 GSI 4 false"), lines(interrupts.stream()
                .filter(interrupt -> interrupt.getString("kind").equals("GSI")).toList(), "device", "kind", "gsi",
                "level"));
        List<String> messages = lines(interrupts.stream().filter(interrupt -> interrupt.getString("kind").equals("MSI"))
                .toList(), "device", "gsi", "level", "address", "data");
        assertEquals(List.of("root -1 true 4276092928 48", "root -1 true 4276092928 48", "root -1 true 4276092928 48"),
                messages);
    }
}
