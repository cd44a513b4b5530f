package jkvm.app.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.ChardevOptions;
import jkvm.app.options.CommandWords;
import jkvm.app.options.OptionValues;
import jkvm.app.options.UsageException;

/**
 * The words after {@code jkvm lab}.
 *
 * @param guest the folder to write a guest into, in place of running anything
 * @param words jkvm's arguments, or with {@code --exec} the command
 */
record LabArguments(boolean help, boolean prepareOnly, boolean exec, Optional<Path> guest, LabOptions options,
        List<String> words) {
    private static final int MIN_MEBIBYTES = 512;
    private static final int MAX_MEBIBYTES = 1 << 20;
    private static final String SEE_HELP = "; see jkvm lab --help";

    /** @throws UsageException naming the wrong word */
    static LabArguments parse(List<String> arguments) {
        CommandWords read = new CommandWords("lab",
                "lab: unknown option %s (what runs in the lab follows `--`)" + SEE_HELP)
                .flags("--prepare", "--exec").valued("--guest", "--cpus", "--memory").read(arguments);
        List<String> words = read.rest();
        Optional<Path> guest = read.value("--guest").map(folder -> ChardevOptions.path("lab: --guest", folder));
        LabOptions options = LabOptions.suitedTo(words);
        if (read.has("--cpus")) {
            options = options.withCpus(cpus(read.value("--cpus").get()));
        }
        if (read.has("--memory")) {
            options = options.withMebibytes(mebibytes(read.value("--memory").get()));
        }
        if (words.isEmpty() && !read.asksForHelp() && !read.has("--prepare") && guest.isEmpty()) {
            throw new UsageException("lab: nothing to run: add `-- ARGUMENT...`" + SEE_HELP);
        }
        return new LabArguments(read.asksForHelp(), read.has("--prepare"), read.has("--exec"), guest, options, words);
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
        long size = OptionValues.bytes(value, 'M').orElse(-1) >> 20;
        if (size < MIN_MEBIBYTES || size > MAX_MEBIBYTES) {
            throw new UsageException("lab: --memory takes %dM to %dG, not %s".formatted(MIN_MEBIBYTES,
                    MAX_MEBIBYTES >> 10, value));
        }
        return (int) size;
    }
}
