package jkvm.app.options;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.cpu.CpuDefinitions;

/**
 * Reads a command line in QEMU's language. It has no side effects: no file is opened and no host is asked.
 *
 * <p>Options are written {@code -name} or {@code --name}; a later one replaces an earlier one, but {@code -serial},
 * {@code -device}, {@code -chardev}, {@code -object} and {@code -debugcon} add up.
 */
public final class QemuOptions {
    private static final List<String> COMMANDS = List.of("doctor", "demo", "harness", "img", "lab");
    private static final String HINT = " (jkvm -help lists the options)";

    /** A use of an option on the line. */
    private record Use(OptionTable.Option option, String value) {
    }

    private QemuOptions() {
    }

    /**
     * The machine that a command line describes.
     *
     * @param types what {@code -device} knows
     * @throws UsageException                naming the option and the value that are wrong
     * @throws jkvm.machine.config.MachineException if no machine is like that; {@link ErrorText} words it
     */
    public static CommandLine parse(List<String> arguments, DeviceTypes types) {
        ConfigBuilder config = new ConfigBuilder(types);
        for (Use use : uses(arguments)) {
            use.option().apply().accept(config, use.value());
        }
        return config.build();
    }

    /**
     * The text to print if the line asks for information instead of a machine: {@code -help}, {@code -version},
     * {@code -machine help}, {@code -cpu help}, {@code -device help}, {@code -device NAME,help}, {@code -chardev help},
     * {@code -accel help}, {@code -netdev help}, {@code -object help}. Without a line feed at the end.
     *
     * @param types what {@code -device} knows
     * @throws UsageException if the line has an unknown option before it asks
     */
    public static Optional<String> information(List<String> arguments, DeviceTypes types) {
        OptionTable table = new OptionTable();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            Use use = next(table, rest);
            Optional<String> text = switch (use.option().name()) {
                case "help", "h" -> Optional.of(HelpText.help(table));
                case "version" -> Optional.of(HelpText.VERSION);
                case "device" -> DeviceOptions.information(types, use.value());
                default -> asksForList(use.value()) ? list(use.option().name()) : Optional.empty();
            };
            if (text.isPresent()) {
                return text.map(String::stripTrailing);
            }
        }
        return Optional.empty();
    }

    static boolean asksForList(String value) {
        return value.equals("help") || value.equals("?");
    }

    private static Optional<String> list(String option) {
        return switch (option) {
            case "machine", "M" -> Optional.of(MachineOptions.machineHelp());
            case "cpu" -> Optional.of(CpuDefinitions.read().help().stripTrailing());
            case "chardev" -> Optional.of(ChardevOptions.HELP);
            case "accel" -> Optional.of(AcceleratorOptions.help());
            case "netdev", "nic" -> Optional.of(NetOptions.HELP);
            case "object" -> Optional.of("filter-dump\n");
            default -> Optional.empty();
        };
    }

    private static List<Use> uses(List<String> arguments) {
        OptionTable table = new OptionTable();
        List<Use> uses = new ArrayList<>();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            uses.add(next(table, rest));
        }
        return uses;
    }

    private static Use next(OptionTable table, Iterator<String> rest) {
        String word = rest.next();
        if (!word.startsWith("-") || word.equals("-")) {
            String meant = Suggestion.of(word, COMMANDS);
            throw new UsageException(word + ": neither an option nor a command ("
                    + String.join(", ", COMMANDS) + ")"
                    + (meant.isEmpty() ? "; a kernel is given with -kernel FILE" : meant) + HINT);
        }
        String name = word.substring(word.startsWith("--") ? 2 : 1);
        OptionTable.Option option = table.find(name).orElseThrow(() -> unknown(table, word, name));
        if (!option.hasArgument()) {
            return new Use(option, "");
        }
        if (!rest.hasNext()) {
            throw new UsageException(word + ": needs an argument, " + option.argument() + HINT);
        }
        return new Use(option, rest.next());
    }

    private static UsageException unknown(OptionTable table, String word, String name) {
        Optional<String> reason = new RefusedOptions().reason(name);
        if (reason.isPresent()) {
            return new UsageException(word + ": " + reason.get() + HINT);
        }
        List<String> known = table.all().stream().map(option -> "-" + option.name()).toList();
        return new UsageException(word + ": unknown option" + Suggestion.of("-" + name, known) + HINT);
    }
}
