package jkvm.app.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.app.options.ChardevOptions;
import jkvm.app.options.UsageException;

/**
 * The words after {@code jkvm lab}.
 *
 * @param guest the folder to write a guest into, in place of running anything
 * @param words jkvm's arguments, or with {@code --exec} the command
 */
record LabArguments(boolean help, boolean prepareOnly, boolean exec, Optional<Path> guest, LabOptions options,
        List<String> words) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMGkmg]?)");
    private static final int MIN_MEBIBYTES = 512;
    private static final int MAX_MEBIBYTES = 1 << 20;
    private static final String SEE_HELP = "; see jkvm lab --help";

    /** @throws UsageException naming the wrong word */
    static LabArguments parse(List<String> arguments) {
        boolean help = false;
        boolean prepareOnly = false;
        boolean exec = false;
        Optional<Path> guest = Optional.empty();
        int separator = arguments.indexOf("--");
        List<String> before = separator < 0 ? arguments : arguments.subList(0, separator);
        List<String> words = separator < 0 ? List.of() : arguments.subList(separator + 1, arguments.size());
        LabOptions options = LabOptions.suitedTo(words);
        for (int i = 0; i < before.size(); i++) {
            switch (before.get(i)) {
                case "--help", "-h", "-help" -> help = true;
                case "--prepare" -> prepareOnly = true;
                case "--exec" -> exec = true;
                case "--guest" -> guest = Optional.of(ChardevOptions.path("lab: --guest", valueOf(before, i++)));
                case "--cpus" -> options = options.withCpus(cpus(valueOf(before, i++)));
                case "--memory" -> options = options.withMebibytes(mebibytes(valueOf(before, i++)));
                default -> throw new UsageException(
                        "lab: unknown option " + before.get(i) + " (what runs in the lab follows `--`)"
                                + SEE_HELP);
            }
        }
        if (words.isEmpty() && !help && !prepareOnly && guest.isEmpty()) {
            throw new UsageException("lab: nothing to run: add `-- ARGUMENT...`" + SEE_HELP);
        }
        return new LabArguments(help, prepareOnly, exec, guest, options, List.copyOf(words));
    }

    private static String valueOf(List<String> arguments, int option) {
        if (option + 1 == arguments.size()) {
            throw new UsageException("lab: " + arguments.get(option) + " needs a value" + SEE_HELP);
        }
        return arguments.get(option + 1);
    }

    private static int cpus(String value) {
        int count = value.matches("\\d{1,3}") ? Integer.parseInt(value) : 0;
        if (count < 1 || count > LabOptions.MAX_CPUS) {
            throw new UsageException("lab: --cpus takes 1 to %d, not %s".formatted(LabOptions.MAX_CPUS,
                    value));
        }
        return count;
    }

    private static int mebibytes(String value) {
        Matcher matcher = SIZE.matcher(value);
        long size = -1;
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            size = switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
                case "K" -> number >> 10;
                case "G" -> number << 10;
                default -> number;
            };
        }
        if (size < MIN_MEBIBYTES || size > MAX_MEBIBYTES) {
            throw new UsageException("lab: --memory takes %dM to %dG, not %s".formatted(MIN_MEBIBYTES,
                    MAX_MEBIBYTES >> 10, value));
        }
        return (int) size;
    }
}
