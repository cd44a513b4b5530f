package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;
import jkvm.json.Json;
import jkvm.machine.Machine;

/** Commands that move pointers, press buttons and keys as events, and tell the pointing devices. */
final class InputCommands {
    private static final String WHEEL_UP = "wheel-up";
    private static final String WHEEL_DOWN = "wheel-down";

    /** A pointing device. */
    private record Mouse(InputHub.Plug plug, boolean isCurrent) {
    }

    private static final Struct<Mouse> MOUSE = Struct.<Mouse>named("MouseInfo")
            .with("name", Types.STR, mouse -> mouse.plug().name())
            .with("index", Types.INT, mouse -> (long) mouse.plug().number())
            .flag("current", Mouse::isCurrent)
            .flag("absolute", mouse -> mouse.plug().isAbsolute());

    private static final Argument<String> KIND = Argument.required("type",
            Types.choice("InputEventKind", new String[] {"key", "btn", "rel", "abs"}, name -> name));
    /** What it is depends on the type. */
    private static final Argument<Json> DATA = Argument.required("data", Types.ANY);
    private static final Argument<List<Arguments>> EVENTS = Argument.required("events",
            Types.items(new InputObject("InputEvent", List.of(KIND, DATA), false)));
    private static final Argument<String> DEVICE = Argument.optional("device", Types.STR);
    private static final Argument<Long> HEAD = Argument.optional("head", Types.INT);

    private static final Argument<Boolean> DOWN = Argument.required("down", Types.BOOL);
    private static final Argument<Arguments> KEY = Argument.required("key", KeyValue.TYPE);
    private static final InputObject KEY_EVENT = new InputObject("InputKeyEvent", List.of(KEY, DOWN), false);
    private static final Argument<String> BUTTON = Argument.required("button", Types.choice("InputButton",
            new String[] {"left", "middle", "right", WHEEL_UP, WHEEL_DOWN, "side", "extra", "wheel-left",
                "wheel-right"}, name -> name));
    private static final InputObject BUTTON_EVENT = new InputObject("InputBtnEvent", List.of(BUTTON, DOWN), false);
    private static final Argument<String> AXIS = Argument.required("axis",
            Types.choice("InputAxis", new String[] {"x", "y"}, name -> name));
    private static final Argument<Long> VALUE = Argument.required("value", Types.INT);
    private static final InputObject MOVE_EVENT = new InputObject("InputMoveEvent", List.of(AXIS, VALUE), false);

    private final Machine machine;
    /** Where the last event put the pointer. Guarded by this. */
    private int lastX;
    private int lastY;

    InputCommands(Machine machine) {
        this.machine = machine;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("input-send-event").takes(DEVICE, HEAD, EVENTS), this::send);
        table.query(Declaration.of("query-mice").answers(Types.listOf(MOUSE)), _ -> mice());
    }

    private Collection<Mouse> mice() {
        List<InputHub.Plug> plugs = machine.input().pointers();
        return plugs.stream().map(plug -> new Mouse(plug, plug == plugs.getFirst())).toList();
    }

    private synchronized void send(Arguments arguments) throws QmpException {
        if (machine.runState().isStopped()) {
            throw new QmpException("VM not running");
        }
        List<InputEvent> events = new ArrayList<>();
        for (Arguments event : arguments.get(EVENTS)) {
            read(event).ifPresent(events::add);
        }
        events.forEach(machine.input()::send);
    }

    private Optional<InputEvent> read(Arguments event) throws QmpException {
        Json data = event.get(DATA);
        return switch (event.get(KIND)) {
            case "key" -> {
                Arguments key = KEY_EVENT.decode(data, "data");
                boolean isDown = key.get(DOWN);
                yield KeyValue.read(key.get(KEY), "data.key.data").map(each -> new InputEvent.Stroke(each, isDown));
            }
            case "btn" -> button(BUTTON_EVENT.decode(data, "data"));
            case "rel" -> {
                requirePointer(false);
                Arguments move = MOVE_EVENT.decode(data, "data");
                int steps = Math.clamp(move.get(VALUE), -InputHub.MAX_ABSOLUTE, InputHub.MAX_ABSOLUTE);
                yield Optional.of(move.get(AXIS).equals("x") ? new InputEvent.Relative(steps, 0)
                        : new InputEvent.Relative(0, steps));
            }
            default -> {
                requirePointer(true);
                Arguments move = MOVE_EVENT.decode(data, "data");
                int place = Math.clamp(move.get(VALUE), 0, InputHub.MAX_ABSOLUTE);
                lastX = move.get(AXIS).equals("x") ? place : lastX;
                lastY = move.get(AXIS).equals("x") ? lastY : place;
                yield Optional.of(new InputEvent.Absolute(lastX, lastY));
            }
        };
    }

    private void requirePointer(boolean isAbsolute) throws QmpException {
        if (machine.input().pointers().isEmpty() || machine.input().isAbsolute() != isAbsolute) {
            throw new QmpException("Input handler not found for event type " + (isAbsolute ? "abs" : "rel"));
        }
    }

    private static Optional<InputEvent> button(Arguments event) {
        String name = event.get(BUTTON);
        boolean isDown = event.get(DOWN);
        Optional<Button> button = Button.named(name);
        if (button.isPresent()) {
            return Optional.of(new InputEvent.Press(button.get(), isDown));
        }
        boolean turns = isDown && (name.equals(WHEEL_UP) || name.equals(WHEEL_DOWN));
        return turns ? Optional.of(new InputEvent.Wheel(name.equals(WHEEL_DOWN) ? 1 : -1)) : Optional.empty();
    }
}
