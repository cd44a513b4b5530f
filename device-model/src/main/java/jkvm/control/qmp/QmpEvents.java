package jkvm.control.qmp;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import jkvm.json.Json;
import jkvm.machine.Machine;
import jkvm.machine.MachineEvent;
import jkvm.machine.RunState;
import jkvm.machine.ShutdownCause;
import jkvm.machine.facts.MediumFacts;

/** Carries a machine's events to all of its monitors, with the time of each. Any thread may tell one. */
final class QmpEvents {
    private static final long NANOS_PER_MICRO = 1000;
    private static final Struct<ShutdownCause> CAUSE = Struct.<ShutdownCause>named("ShutdownCauseInfo")
            .flag("guest", ShutdownCause::isGuest)
            .with("reason", Types.choice("ShutdownCause", ShutdownCause.values(), ShutdownCause::text), cause -> cause);
    private static final EventType<Void> STOP = EventType.of("STOP");
    private static final EventType<Void> RESUME = EventType.of("RESUME");
    private static final EventType<Void> POWERDOWN = EventType.of("POWERDOWN");
    private static final EventType<Void> SUSPEND = EventType.of("SUSPEND");
    private static final EventType<Void> SUSPEND_DISK = EventType.of("SUSPEND_DISK");
    private static final EventType<Void> WAKEUP = EventType.of("WAKEUP");
    private static final EventType<ShutdownCause> SHUTDOWN = new EventType<>("SHUTDOWN", CAUSE);
    private static final EventType<ShutdownCause> RESET = new EventType<>("RESET", CAUSE);
    /** The machine ends on a panic. */
    private static final EventType<String> GUEST_PANICKED = new EventType<>("GUEST_PANICKED",
            Struct.<String>named("GuestPanicked").with("action",
                    Types.choice("GuestPanicAction", List.of("pause", "poweroff", "run")), action -> action));
    /** With the name that a device without an id has, too. */
    private static final EventType<String> DEVICE_DELETED = new EventType<>("DEVICE_DELETED",
            Struct.<String>named("DeviceDeleted").optionally("device", Types.STR, Optional::of)
                    .with("path", Types.STR, device -> "/machine/peripheral/" + device));

    /** With the name of the drive, empty if that has none of its own, and the path of the device. */
    private static final EventType<TrayMove> DEVICE_TRAY_MOVED = new EventType<>("DEVICE_TRAY_MOVED",
            Struct.<TrayMove>named("DeviceTrayMoved").with("device", Types.STR, TrayMove::drive)
                    .with("id", Types.STR, TrayMove::device).flag("tray-open", TrayMove::isOpen));

    private final Machine machine;
    private final List<EventType<?>> types = new ArrayList<>(
            List.of(STOP, RESUME, POWERDOWN, SUSPEND, SUSPEND_DISK, WAKEUP, SHUTDOWN, RESET, GUEST_PANICKED,
                    DEVICE_DELETED, DEVICE_TRAY_MOVED));
    private final List<Consumer<Json>> listeners = new CopyOnWriteArrayList<>();

    @SuppressWarnings("this-escape")
    QmpEvents(Machine machine) {
        this.machine = machine;
        machine.addListener(this::happened);
    }

    /** Notes an event that others than the machine tell, for the schema. Before the first client. */
    void declare(EventType<?> type) {
        types.add(type);
    }

    /** A tray has moved. */
    private record TrayMove(String drive, String device, boolean isOpen) {
    }

    private TrayMove move(MachineEvent event) {
        String drive = machine.facts().media().stream().filter(medium -> medium.device().equals(event.device()))
                .findFirst().flatMap(MediumFacts::drive).orElse("");
        return new TrayMove(drive, ObjectTree.idOrPath(ObjectTree.of(machine).pathOf(event.device())), event.isOpen());
    }

    /** All that there may be. */
    List<EventType<?>> types() {
        return List.copyOf(types);
    }

    /** @param listener gets each event as a document, on the thread that tells it; must not wait */
    void subscribe(Consumer<Json> listener) {
        listeners.add(listener);
    }

    void unsubscribe(Consumer<Json> listener) {
        listeners.remove(listener);
    }

    /** @param data null where the type has none */
    <D> void tell(EventType<D> type, D data) {
        Instant now = Instant.now();
        Json.Members event = Json.Members.empty()
                .with("timestamp", Json.Members.empty().with("seconds", now.getEpochSecond())
                        .with("microseconds", now.getNano() / NANOS_PER_MICRO))
                .with("event", type.name());
        Json document = type.data() == Types.NOTHING ? event : event.with("data", type.data().encode(data));
        listeners.forEach(listener -> listener.accept(document));
    }

    private void happened(MachineEvent event) {
        switch (event.type()) {
            case RESUME -> tell(RESUME, null);
            case STOP -> {
                // A machine that is made to start paused has not stopped.
                if (machine.runState() != RunState.PRELAUNCH) {
                    tell(STOP, null);
                }
            }
            case SHUTDOWN -> tell(SHUTDOWN, event.cause());
            case RESET -> tell(RESET, event.cause());
            case POWERDOWN -> tell(POWERDOWN, null);
            case SUSPEND -> tell(SUSPEND, null);
            case SUSPEND_DISK -> tell(SUSPEND_DISK, null);
            case WAKEUP -> tell(WAKEUP, null);
            case GUEST_PANICKED -> tell(GUEST_PANICKED, "poweroff");
            case DEVICE_DELETED -> tell(DEVICE_DELETED, event.device());
            case DEVICE_TRAY_MOVED -> tell(DEVICE_TRAY_MOVED, move(event));
        }
    }
}
