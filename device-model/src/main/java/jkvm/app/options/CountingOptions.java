package jkvm.app.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import jkvm.machine.config.CountingConfig;
import jkvm.soft.Accelerator.Kind;
import jkvm.work.InstructionClock;

/**
 * Reads {@code -icount [shift=]N[,align=on|off][,sleep=on|off][,rr=record|replay,rrfile=FILE]} and {@code -seed N}.
 */
final class CountingOptions {
    private CountingOptions() {
    }

    static void icount(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-icount", text, "shift");
        values.refuse("rrsnapshot", "a replay begins at the machine's start");
        Optional<String> mode = values.takeChoice("rr", "record", "replay");
        Optional<String> file = values.take("rrfile");
        Optional<String> shift = values.take("shift");
        Optional<Boolean> align = values.takeFlag("align");
        boolean sleep = values.takeFlag("sleep", true);
        values.end();
        if (mode.isPresent() && file.isEmpty()) {
            throw values.error("rr=" + mode.get() + " needs rrfile=FILE, the log of inputs");
        }
        if (shift.isEmpty() && mode.isPresent()) {
            throw values.error("rr=" + mode.get() + " counts instructions; write shift=N, 0 to "
                    + InstructionClock.MAX_SHIFT);
        }
        if (shift.isEmpty()) {
            // As QEMU has it: the option counts nothing then.
            if (align.isPresent()) {
                throw values.error("Please specify shift option when using align");
            }
            return;
        }
        if (shift.get().equals("auto")) {
            throw values.error("jkvm does not follow the host's speed, with which two runs would differ;"
                    + " write shift=N, 0 to " + InstructionClock.MAX_SHIFT);
        }
        if (align.orElse(false) && !sleep) {
            throw values.error("align=on and sleep=off are incompatible");
        }
        config.counting = Optional.of(new CountingConfig(shift(values, shift.get()), sleep, align.orElse(false),
                mode.map(word -> log(word, Path.of(file.get()))).orElseGet(CountingConfig.NoLog::new)));
    }

    private static CountingConfig.Log log(String mode, Path file) {
        return mode.equals("record") ? new CountingConfig.Recording(file) : new CountingConfig.Replay(file);
    }

    private static int shift(OptionValues values, String text) {
        try {
            int shift = Integer.decode(text);
            if (shift >= 0 && shift <= InstructionClock.MAX_SHIFT) {
                return shift;
            }
        } catch (NumberFormatException _) {
            // Refused below like a number that is out of range.
        }
        throw values.error("icount: Invalid shift value; it is a number from 0 to " + InstructionClock.MAX_SHIFT);
    }

    static void seed(ConfigBuilder config, String text) {
        try {
            boolean isHex = text.startsWith("0x") || text.startsWith("0X");
            config.seed = OptionalLong.of(Long.parseUnsignedLong(text, isHex ? 2 : 0, text.length(), isHex ? 16 : 10));
        } catch (NumberFormatException _) {
            throw new UsageException("-seed " + text + ": Invalid seed number: " + text);
        }
    }

    /**
     * The accelerators of the machine; what {@code -icount} goes with is known when all options are.
     *
     * @throws UsageException if it does not go with the others
     */
    static List<Kind> accelerators(ConfigBuilder config) {
        if (config.counting.isEmpty()) {
            return config.accelerators.chosen();
        }
        if (config.cpus != 1) {
            throw new UsageException("-icount: time is counted by the instructions of one CPU; use -smp 1");
        }
        if (config.rtc.localTime()) {
            throw new UsageException("-rtc base=localtime: with -icount the clock starts at a date that is the "
                    + "same in each run; write base=DATE");
        }
        return config.accelerators.counting();
    }
}
