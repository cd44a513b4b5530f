package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import jkvm.app.RecordedGuest;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmc.common.item.IAccessorKey;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/** A recording of a guest as JDK Mission Control reads it: the fields of each event, their units, their values. */
@OnEachKvm
@Timeout(60)
class MissionControlTest {
    /** Fields that each event has besides. */
    private static final List<String> COMMON = List.of("startTime", "duration", "(endTime)", "eventThread",
            "stackTrace");

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private IItemCollection events;

    MissionControlTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    /** An event as text: the values of some fields, quantities with their units. */
    private static String text(IType<IItem> type, IItem event, List<String> fields) {
        Map<String, String> values = new TreeMap<>();
        for (IAccessorKey<?> key : type.getAccessorKeys().keySet()) {
            Object value = type.getAccessor(key).getMember(event);
            values.put(key.getIdentifier(), value instanceof IQuantity quantity ? quantity.persistableString()
                    : String.valueOf(value));
        }
        return String.join(" | ", fields.stream().map(values::get).toList());
    }

    private List<String> values(String name, String... fields) {
        List<String> lines = new ArrayList<>();
        for (IItemIterable items : events.apply(ItemFilters.type("jkvm." + name))) {
            for (IItem event : items) {
                lines.add(text(items.getType(), event, List.of(fields)));
            }
        }
        return lines;
    }

    /** The fields of an event, each with the kind of its content. */
    private String fields(String name) {
        TreeSet<String> fields = new TreeSet<>();
        for (IItemIterable items : events.apply(ItemFilters.type("jkvm." + name))) {
            for (IAccessorKey<?> key : items.getType().getAccessorKeys().keySet()) {
                if (!COMMON.contains(key.getIdentifier())) {
                    fields.add(key.getIdentifier() + ":" + key.getContentType().getIdentifier());
                }
            }
        }
        return String.join(" ", fields);
    }

    @Test
    void shouldReadFieldsWithUnitsAndTheValuesThatTheGuestIsKnownFor() throws Exception {
        // when
        events = JfrLoaderToolkit.loadEvents(RecordedGuest.record(kvm.kind().text(), folder).toFile());

        // then
        assertEquals("address:address direction:text kernelTime:timespan reason:text size:memory userTime:timespan"
                + " vcpu:number", fields("Exit"));
        assertEquals("address:address device:text direction:text register:text size:memory value:raw number",
                fields("DeviceAccess"));
        assertEquals("bytes:memory chains:number device:text queue:number", fields("VirtqueueBatch"));
        assertEquals("device:text kind:text length:memory node:text offset:memory result:text", fields("DiskRequest"));
        assertEquals("card:text direction:text length:memory", fields("Packet"));
        assertEquals("address:address data:number device:text gsi:number kind:text level:boolean", fields("Interrupt"));
        assertEquals("before:text state:text", fields("MachineState"));
        assertEquals("cause:text event:text", fields("MachineEvent"));
        assertValues();
    }

    private void assertValues() {
        assertEquals(5, values("Exit", "vcpu", "reason", "direction", "address", "size").stream()
                .filter("0 | IO | out | 128 | 1 B"::equals).count());
        assertTrue(values("Exit", "userTime", "kernelTime").stream()
                .allMatch(times -> times.matches("\\d+ ns \\| \\d+ ns")));
        assertEquals(List.of("post | write | 1", "post | write | 16", "post | write | 2", "post | write | 4",
                "post | write | 8"), values("DeviceAccess", "device", "direction", "value").stream()
                .filter(access -> access.startsWith("post")).sorted().toList());
        assertTrue(values("DiskRequest", "device", "node", "kind", "offset", "length", "result")
                .contains("root | drive | write | 2560 B | 1024 B | ok"));
        assertTrue(values("Packet", "card", "direction", "length").contains("lan | send | 42 B"));
        assertTrue(values("Interrupt", "device", "kind", "level", "address", "data")
                .contains("root | MSI | true | 4276092928 | 48"));
        assertTrue(values("MachineEvent", "event", "cause").contains("SHUTDOWN | guest-shutdown"));
    }
}
