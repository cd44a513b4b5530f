package jkvm.bios.disk;

import java.util.List;
import jkvm.bios.BiosData;
import jkvm.bios.Call;
import jkvm.bios.Outcome;

/**
 * The boot menu: a key opens it while a short wait lasts, another one chooses what comes first. Text, keys and times
 * are SeaBIOS's. All text goes through INT 10h and all keys come from INT 16h, so it is wherever these are.
 */
final class BootMenu {
    private static final int ESCAPE = 0x1B;
    private static final int MAX_NAME = 60;
    private static final int DIGITS = 9;
    private static final int LETTERS = 26;

    private BootMenu() {
    }

    /** The steps; {@link DiskArea#INDEX} has the current one, and in its upper half a line of the menu. */
    private enum Step {
        FLUSH, FLUSH_LOOKED, FLUSH_TAKEN, PROMPT, LOOK, LOOKED, TAKEN, TITLE, LINES, CHOOSE, CHOOSE_LOOKED, CHOSEN,
        END_OF_LINE
    }

    private static final Step[] STEPS = Step.values();

    private static Outcome next(Call call, Step step) {
        call.data().writeByte(DiskArea.INDEX, step.ordinal());
        return null;
    }

    /** Does steps until the guest is needed; null when the menu is over. */
    static Outcome step(Call call, BootOptions options) {
        while (true) {
            Step step = STEPS[call.data().readByte(DiskArea.INDEX) % STEPS.length];
            if (step == Step.END_OF_LINE) {
                return GuestCalls.show(call, "\n");
            }
            Outcome outcome = step(call, options, step);
            if (outcome != null) {
                return outcome == Outcome.DONE ? null : outcome;
            }
        }
    }

    /** Null if the next step follows at once; DONE when the menu is over. */
    private static Outcome step(Call call, BootOptions options, Step step) {
        return switch (step) {
            case FLUSH -> ask(call, Step.FLUSH_LOOKED);
            case FLUSH_LOOKED -> call.hasZero() ? next(call, Step.PROMPT) : take(call, Step.FLUSH_TAKEN);
            case FLUSH_TAKEN -> next(call, Step.FLUSH);
            case PROMPT -> {
                Outcome outcome = GuestCalls.show(call, "\nPress ESC for boot menu.\n\n");
                if (outcome == null) {
                    GuestCalls.wait(call, options.menuMillis());
                    next(call, Step.LOOK);
                }
                yield outcome;
            }
            case LOOK -> ask(call, Step.LOOKED);
            case LOOKED -> looked(call, options);
            case TAKEN -> call.al() == ESCAPE ? next(call, Step.TITLE) : Outcome.DONE;
            case TITLE -> show(call, "Select boot device:\n\n", Step.LINES);
            case LINES -> lines(call, options);
            case CHOOSE -> ask(call, Step.CHOOSE_LOOKED);
            case CHOOSE_LOOKED -> {
                if (!call.hasZero()) {
                    yield take(call, Step.CHOSEN);
                }
                next(call, Step.CHOOSE);
                yield Outcome.AGAIN;
            }
            case CHOSEN -> chosen(call, options);
            case END_OF_LINE -> throw new IllegalStateException("handled before");
        };
    }

    private static Outcome ask(Call call, Step then) {
        next(call, then);
        return GuestCalls.lookForKey(call);
    }

    private static Outcome take(Call call, Step then) {
        next(call, then);
        return GuestCalls.takeKey(call);
    }

    private static Outcome show(Call call, String text, Step then) {
        Outcome outcome = GuestCalls.show(call, text);
        return outcome == null ? next(call, then) : outcome;
    }

    private static Outcome looked(Call call, BootOptions options) {
        if (!call.hasZero()) {
            return take(call, Step.TAKEN);
        }
        if (options.menuMillis() == 0 || !GuestCalls.isWaiting(call)) {
            return Outcome.DONE;
        }
        next(call, Step.LOOK);
        return Outcome.AGAIN;
    }

    private static List<BootEntry> entries(Call call, BootOptions options) {
        return options.sequence(call.data()).entries().stream()
                .filter(entry -> !(entry instanceof BootEntry.Halt)).toList();
    }

    private static Outcome lines(Call call, BootOptions options) {
        List<BootEntry> entries = entries(call, options);
        BiosData data = call.data();
        int line = data.readByte(DiskArea.LINE);
        if (line >= Math.min(entries.size(), DIGITS + LETTERS)) {
            return show(call, "\n", Step.CHOOSE);
        }
        String name = switch (entries.get(line)) {
            case BootEntry.Drive drive -> drive.drive().description();
            case BootEntry.Rom rom -> rom.name() == 0 ? "Legacy option rom"
                    : RomHeader.text(call.memory(), rom.segment(), rom.name(), MAX_NAME);
            case BootEntry.Halt _ -> "";
        };
        Outcome outcome = GuestCalls.show(call, "%c. %s\n".formatted(letter(line), name));
        if (outcome == null) {
            data.writeByte(DiskArea.LINE, line + 1);
        }
        return outcome;
    }

    private static char letter(int line) {
        return (char) (line < DIGITS ? '1' + line : 'a' + line - DIGITS);
    }

    private static Outcome chosen(Call call, BootOptions options) {
        int count = entries(call, options).size();
        if (call.al() == ESCAPE) {
            return next(call, Step.END_OF_LINE);
        }
        for (int line = 0; line < Math.min(count, DIGITS + LETTERS); line++) {
            if (call.al() == letter(line)) {
                call.data().writeByte(DiskArea.CHOICE, line + 1);
                return next(call, Step.END_OF_LINE);
            }
        }
        return next(call, Step.CHOOSE);
    }
}
