package jkvm.app.options;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The words after a command's name: options, some with a value in the next word, and operands. After {@code --} all
 * words are operands. {@code -h}, {@code -help} and {@code --help} ask for help. First say which options there are,
 * then {@link #read}.
 */
public final class CommandWords {
    private static final Set<String> HELP = Set.of("-h", "-help", "--help");

    private final String command;
    private final String unknown;
    private final Set<String> flags = new HashSet<>();
    private final Set<String> valued = new HashSet<>();
    private final Map<String, String> given = new HashMap<>();
    private final List<String> operands = new ArrayList<>();
    private boolean takesOperands;
    private boolean asksForHelp;

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

    /** @throws UsageException naming the word that is wrong, unless an earlier one asks for help */
    public CommandWords read(List<String> words) {
        for (int i = 0; i < words.size() && !asksForHelp; i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                operands.addAll(words.subList(i + 1, words.size()));
                break;
            }
            if (HELP.contains(word)) {
                asksForHelp = true;
            } else if (flags.contains(word)) {
                given.put(word, "");
            } else if (valued.contains(word)) {
                if (++i == words.size()) {
                    throw new UsageException(command + ": " + word + " needs a value; see jkvm " + command + " --help");
                }
                given.put(word, words.get(i));
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

    /** All that is no option. */
    public List<String> rest() {
        return List.copyOf(operands);
    }
}
