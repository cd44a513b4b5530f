package jkvm.control.qmp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.input.Key;
import jkvm.machine.Machine;

/** The command that presses keys of the keyboard. */
final class KeyCommands {
    private static final long DEFAULT_HOLD_MILLIS = 100;
    private static final Argument<List<Arguments>> KEYS = Argument.required("keys", Types.items(KeyValue.TYPE));
    private static final Argument<Long> HOLD = Argument.optional("hold-time", Types.INT);

    private final Machine machine;

    KeyCommands(Machine machine) {
        this.machine = machine;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("send-key").takes(KEYS, HOLD), this::press);
    }

    private void press(Arguments arguments) throws QmpException {
        List<Key> chord = new ArrayList<>();
        for (Arguments key : arguments.get(KEYS)) {
            KeyValue.read(key, "data").ifPresent(chord::add);
        }
        long hold = arguments.find(HOLD).orElse(DEFAULT_HOLD_MILLIS);
        RunCommands.await(machine.press(chord, Duration.ofMillis(Math.max(0, hold))));
    }
}
