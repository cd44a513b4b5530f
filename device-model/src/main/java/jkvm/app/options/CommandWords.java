package jkvm.app.options;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The words after a command's name: options, some with a value in the next word, and operands. After {@code --} all
 * words are operands. {@code -h}, {@code -help} and {@code --help} ask for help. First say which options there are,
 * then {@link #read}.
 *
 * <p>In {@linkplain #qemuStyle QEMU's style} an option is named without its dash and may be written with one or two;
 * it asks for help like any other option, and {@code --} is none.
 */
public final class CommandWords {

    /**
     * An option on the line.
     *
     * @param word   as it was written
     * @param option its name
     * @param value  empty if it takes none
     */
    public record Use(String word, String option, String value) {
    }

    private static final Set<String> HELP = Set.of("-h", "-help", "--help");

    private final String command;
    private final String unknown;
    private final Set<String> flags = new HashSet<>();
    private final Set<String> valued = new HashSet<>();
    private final Map<String, String> given = new HashMap<>();
    private final List<Use> uses = new ArrayList<>();
    private final List<String> operands = new ArrayList<>();
    private boolean takesOperands;
    private boolean asksForHelp;
    /** For {@link #qemuStyle}; null in the other style. */
    private Function<String, Optional<Boolean>> takesValue;
    private Function<String, UsageException> unknownOption;
    private Function<String, UsageException> missingValue;

    /**
     * @param command for messages
     * @param unknown the message for a word that is no option and no operand, {@code %s} in its place
     */
    public CommandWords(String command, String unknown) {
        this.command = command;
        this.unknown = unknown;
    }

    /** Adds options without a value. */
    public CommandWords flags(String... names) {
        flags.addAll(List.of(names));
        return this;
    }

    /** Adds options with a value. */
    public CommandWords valued(String... names) {
        valued.addAll(List.of(names));
        return this;
    }

    /** Lets words without a dash be operands; else they are those after {@code --} only. */
    public CommandWords operands() {
        takesOperands = true;
        return this;
    }

    /**
     * Reads as QEMU does.
     *
     * @param takesValue    tells of an option, named without its dash, whether it has a value; empty if there is none
     * @param unknownOption the error for a word that begins with a dash and is no option
     * @param missingValue  the error for the last word, an option that needs a value
     */
    CommandWords qemuStyle(Function<String, Optional<Boolean>> takesValue,
            Function<String, UsageException> unknownOption, Function<String, UsageException> missingValue) {
        this.takesValue = takesValue;
        this.unknownOption = unknownOption;
        this.missingValue = missingValue;
        return operands();
    }

    /** @throws UsageException naming the word that is wrong, unless an earlier one asks for help */
    public CommandWords read(List<String> words) {
        return takesValue == null ? readWords(words) : readQemu(words);
    }

    private CommandWords readQemu(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (!word.startsWith("-")) {
                operands.add(word);
                uses.add(new Use(word, "", word));
                continue;
            }
            String option = word.substring(word.startsWith("--") ? 2 : 1);
            Optional<Boolean> hasValue = takesValue.apply(option);
            if (hasValue.isEmpty()) {
                throw unknownOption.apply(word);
            }
            if (!hasValue.get()) {
                add(word, option, "");
            } else if (++i == words.size()) {
                throw missingValue.apply(word);
            } else {
                add(word, option, words.get(i));
            }
        }
        return this;
    }

    private void add(String word, String option, String value) {
        given.put(option, value);
        uses.add(new Use(word, option, value));
    }

    private CommandWords readWords(List<String> words) {
        for (int i = 0; i < words.size() && !asksForHelp; i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                operands.addAll(words.subList(i + 1, words.size()));
                break;
            }
            if (HELP.contains(word)) {
                asksForHelp = true;
            } else if (flags.contains(word)) {
                add(word, word, "");
            } else if (valued.contains(word)) {
                if (++i == words.size()) {
                    throw new UsageException(command + ": " + word + " needs a value; see jkvm " + command + " --help");
                }
                add(word, word, words.get(i));
            } else if (takesOperands && !word.startsWith("-")) {
                operands.add(word);
            } else {
                throw new UsageException(unknown.formatted(word));
            }
        }
        return this;
    }

    public boolean asksForHelp() {
        return asksForHelp;
    }

    /** True if the option was given. */
    public boolean has(String option) {
        return given.containsKey(option);
    }

    /** The option's value, the last if it was given more than once. */
    public Optional<String> value(String option) {
        return Optional.ofNullable(given.get(option));
    }

    /** All options in the order of the line; in QEMU's style operands too, with an empty name. */
    public List<Use> uses() {
        return List.copyOf(uses);
    }

    /** All that is no option. */
    public List<String> rest() {
        return List.copyOf(operands);
    }
}
