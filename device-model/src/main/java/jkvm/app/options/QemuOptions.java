package jkvm.app.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.app.options.CommandWords.Use;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.cpu.CpuDefinitions;

/**
 * Reads a command line in QEMU's language. It has no side effects: no host is asked, and no
 * file is opened but those of {@code -readconfig} and {@code -trace events=}.
 *
 * <p>Options are written {@code -name} or {@code --name}; a later one replaces an earlier one, but {@code -serial},
 * {@code -device}, {@code -chardev}, {@code -object} and {@code -debugcon} add up. A word without a dash is a
 * disk image.
 */
public final class QemuOptions {
    private static final List<String> COMMANDS = List.of("doctor", "demo", "harness", "img", "lab", "shell");
    private static final String SET = "([^.]+)\\.([^.]+)\\.([^=]+)=(.*)";
    static final String HINT = " (jkvm -help lists the options)";

    private final OptionTable table = new OptionTable();
    private final DeviceTypes types;
    private final List<Use> uses;

    private QemuOptions(List<String> arguments, DeviceTypes types) {
        this.types = types;
        this.uses = uses(table, arguments);
    }

    /**
     * Finds the options in a command line.
     *
     * @param types what {@code -device} knows
     * @throws UsageException if the line has an unknown option
     */
    public static QemuOptions read(List<String> arguments, DeviceTypes types) {
        return new QemuOptions(arguments, types);
    }

    /** Reads a command line that describes a machine, as {@link #read} and {@link #machine()} do. */
    public static CommandLine parse(List<String> arguments, DeviceTypes types) {
        return read(arguments, types).machine();
    }

    /**
     * The machine that the command line describes.
     *
     * @throws UsageException                naming the option and the value that are wrong
     * @throws jkvm.machine.config.MachineException if no machine is like that; {@link ErrorText} words it
     */
    public CommandLine machine() {
        ConfigBuilder config = new ConfigBuilder(types);
        List<Use> all = expand(uses);
        for (Use use : all) {
            if (use.option().isEmpty()) {
                operand(config, use.value(), use == all.getFirst());
            } else {
                table.find(use.option()).orElseThrow().apply()
                        .accept(config, JsonText.plain(use.option(), use.value()));
                ShortForms.warning(use.option(), use.value()).ifPresent(config.warnings::add);
            }
        }
        return config.build();
    }

    /**
     * The text to print if the line asks for information instead of a machine: {@code -help}, {@code -version},
     * {@code -machine help}, {@code -cpu help}, {@code -device help}, {@code -device NAME,help}, {@code -chardev help},
     * {@code -accel help}, {@code -netdev help}, {@code -object help}, {@code -d help}, {@code -trace help}. Without a
     * line feed at the end.
     */
    public Optional<String> information() {
        for (Use use : uses) {
            Optional<String> text = switch (use.option()) {
                case "help", "h" -> Optional.of(HelpText.help(table));
                case "version" -> Optional.of(HelpText.VERSION);
                case "d", "trace" -> LogOptions.information(use.option(), use.value());
                case "device" -> DeviceOptions.information(types, use.value());
                default -> asksForList(use.value()) ? list(use.option()) : Optional.empty();
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

    private Optional<String> list(String option) {
        return switch (option) {
            case "machine", "M" -> Optional.of(MachineOptions.machineHelp());
            case "cpu" -> Optional.of(CpuDefinitions.read().help().stripTrailing());
            case "chardev" -> Optional.of(ChardevOptions.HELP);
            case "accel" -> Optional.of(AcceleratorOptions.help());
            case "netdev", "nic" -> Optional.of(NetOptions.HELP);
            case "object" -> Optional.of(ObjectOptions.help());
            case "vga" -> Optional.of("none                 no graphic card\nstd                  standard VGA\n");
            case "display" -> Optional.of("none\ncurses\nweb\nwindow\ngtk\nsdl\n");
            case "L" -> Optional.of(FirmwareOptions.folderHelp(uses.stream()
                    .filter(use -> use.option().equals(option) && !asksForList(use.value())).map(Use::value).toList()));
            default -> Optional.empty();
        };
    }

    /** Puts the options that {@code -readconfig} reads in its place, and carries out {@code -set}. */
    private static List<Use> expand(List<Use> uses) {
        List<Use> all = new ArrayList<>();
        for (Use use : uses) {
            switch (use.option()) {
                case "readconfig" -> all.addAll(ConfigFile.read(use.value()));
                case "set" -> set(all, use.value());
                default -> all.add(use);
            }
        }
        return all;
    }

    /** {@code GROUP.ID.NAME=VALUE} adds a property to the option that has the id. */
    private static void set(List<Use> uses, String text) {
        Matcher parts = Pattern.compile(SET).matcher(text);
        if (!parts.matches()) {
            throw new UsageException("-set " + text + ": can't parse: \"" + text + "\"; write GROUP.ID.NAME=VALUE");
        }
        String group = parts.group(1);
        for (int i = uses.size() - 1; i >= 0; i--) {
            Use use = uses.get(i);
            if (use.option().equals(group) && OptionValues.split(use.value()).contains("id=" + parts.group(2))) {
                uses.set(i, new Use(use.word(), group, use.value() + "," + parts.group(3) + "="
                        + parts.group(4).replace(",", ",,")));
                return;
            }
        }
        throw new UsageException("-set " + text + (ConfigFile.isGroup(group)
                ? ": there is no " + group + " \"" + parts.group(2) + "\" defined"
                : ": There is no option group '" + group + "'"));
    }

    private static List<Use> uses(OptionTable table, List<String> arguments) {
        return new CommandWords("", "").qemuStyle(name -> table.find(name).map(OptionTable.Option::hasArgument),
                word -> unknown(table, word), word -> new UsageException(word + ": needs an argument, "
                        + table.find(name(word)).orElseThrow().argument() + HINT))
                .read(arguments).uses();
    }

    private static String name(String word) {
        return word.substring(word.startsWith("--") ? 2 : 1);
    }

    private static UsageException unknown(OptionTable table, String word) {
        String name = name(word);
        Optional<String> instead = RemovedOptions.instead(name);
        if (instead.isPresent()) {
            return new UsageException(word + ": invalid option, QEMU has it no more: " + instead.get());
        }
        List<String> known = table.all().stream().map(option -> "-" + option.name()).toList();
        return new UsageException(word + ": invalid option" + Suggestion.of("-" + name, known) + HINT);
    }

    /** A disk image, as in QEMU; a first word that is nearly a command is a mistake. */
    private static void operand(ConfigBuilder config, String word, boolean isFirst) {
        String meant = isFirst && word.matches("[a-z]+") ? Suggestion.of(word, COMMANDS) : "";
        if (!meant.isEmpty()) {
            throw new UsageException(word + ": neither an option nor a command (" + String.join(", ", COMMANDS) + ")"
                    + meant + HINT);
        }
        config.drives.addFile("", word, 0);
    }
}
