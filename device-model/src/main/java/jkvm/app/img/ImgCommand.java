package jkvm.app.img;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.app.options.HelpText;
import jkvm.app.options.Suggestion;
import jkvm.app.options.UsageException;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;

/** {@code jkvm img}: creates, describes, checks and converts disk images, with qemu-img's arguments and exit codes. */
public final class ImgCommand {
    private static final String NOTES = """
            Sizes in bytes, or with K, M, G, T, P, E. -o help after -f or -O FMT lists OPTIONS.
            convert -n writes into an image that is there; -S 0 writes zeros too, which else take no room from SIZE on.
            check exits with 0 when all is well, 1 when it could not check, 2 for errors, 3 for leaks only, and 63 for
            a format that cannot be checked.
            """;

    private ImgCommand() {
    }

    /**
     * Runs one of its commands.
     *
     * @param arguments those after {@code img}
     * @return the exit code
     * @throws UsageException if the arguments are wrong, or the image cannot be used
     */
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        String word = arguments.isEmpty() ? "" : arguments.getFirst();
        List<String> rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
        int code = switch (word) {
            case "-h", "-help", "--help", "help" -> print(out, help());
            case "-V", "--version" -> print(out, "jkvm img, " + HelpText.VERSION);
            case "" -> throw new UsageException("img: needs a command: " + String.join(", ", ImgSubcommand.names()));
            default -> {
                ImgSubcommand command = ImgSubcommand.of(word).orElseThrow(() -> new UsageException(
                        "img: unknown command " + word + Suggestion.of(word, ImgSubcommand.names())));
                yield rest.equals(List.of("-h")) || rest.equals(List.of("--help"))
                        ? print(out, "usage: jkvm img" + command.usage().substring(1))
                        : run(command, rest, out, err);
            }
        };
        out.flush();
        return code;
    }

    private static int run(ImgSubcommand command, List<String> words, PrintStream out, PrintStream err) {
        Map<String, byte[]> secrets = new HashMap<>();
        List<String> rest = ImgObjects.take(words, secrets);
        DiskImages images = new DiskImages(new FfmSyscalls(), secrets, name -> warnOfGuess(err, name));
        return command.run(images, out, err, rest);
    }

    private static int print(PrintStream out, String text) {
        out.print(text);
        return 0;
    }

    private static String help() {
        StringBuilder text = new StringBuilder("usage: jkvm img SUBCOMMAND [OPTION...] FILE...\n");
        for (ImgSubcommand each : ImgSubcommand.values()) {
            text.append(each.usage());
        }
        text.append("Formats: ").append(String.join(", ", DiskImages.formats())).append(".\n");
        return text.append(NOTES).toString();
    }

    private static void warnOfGuess(PrintStream err, String name) {
        err.print("""
                WARNING: Image format was not specified for '%s' and probing guessed raw.
                         Automatically detecting the format is dangerous for raw images, write operations on \
                block 0 will be restricted.
                         Specify the 'raw' format explicitly to remove the restrictions.
                """.formatted(name));
    }

    /** The format that an option names. */
    static Optional<ImageFormat> format(ImgArguments arguments, String option) {
        return arguments.value(option).map(text -> DiskImages.format(text)
                .orElseThrow(() -> arguments.error("Unknown file format '" + text + "'")));
    }

    /** How to read an image that {@code -f} and {@code -U} are about. */
    static ImageOptions source(ImgArguments arguments) {
        ImageOptions options = ImageOptions.READ_ONLY.withLocked(!arguments.has("U"));
        return format(arguments, "f").map(options::withFormat).orElse(options);
    }

    /** For what writes: {@code -U} is for reading beside a writer. */
    static void refuseShared(ImgArguments arguments) {
        if (arguments.has("U")) {
            throw arguments.error("force-share=on can only be used with read-only images: leave -U out");
        }
    }

    static CacheMode cache(ImgArguments arguments, String option, CacheMode absent) {
        return arguments.value(option).map(text -> CacheMode.of(text).orElseThrow(() -> arguments.error(
                "-" + option + " must be writeback, writethrough, unsafe, none or directsync"))).orElse(absent);
    }
}
