package jkvm.app.img;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.app.options.Suggestion;
import jkvm.app.options.UsageException;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;

/** {@code jkvm img}: creates, describes, checks and converts disk images, with qemu-img's arguments and exit codes. */
public final class ImgCommand {
    private static final String HELP = """
            usage: jkvm img COMMAND [OPTION...] FILE...
              create [-q] [-f FMT] [-b BACKING -F FMT] [-u] [-o OPTIONS] FILE [SIZE]
              info [-f FMT] [--output=human|json] [--backing-chain] [-U] FILE
              check [-q] [-f FMT] [--output=human|json] [-r leaks|all] [-T CACHE] [-U] FILE
              compare [-q] [-p] [-s] [-f FMT] [-F FMT] [-T CACHE] [-U] FILE1 FILE2
              map [-f FMT] [--output=human|json] [--start-offset=SIZE] [--max-length=SIZE] [-U] FILE
              measure [--output=human|json] [-O FMT] [-o OPTIONS] --size SIZE | [-f FMT] [-l SNAPSHOT] [-U] FILE
              dd [-f FMT] [-O FMT] [-U] [bs=SIZE] [count=BLOCKS] [skip=BLOCKS] if=FILE of=FILE
              bench [-c COUNT] [-d DEPTH] [-f FMT] [-i AIO] [-n] [-o OFFSET] [-q] [-s SIZE] [-S STEP] [-t CACHE] [-U]
                      [-w [--pattern=BYTE] [--flush-interval=COUNT [--no-drain]]] FILE
              convert [-n [--target-is-zero]] [-p] [-q] [-U] [-c] [-C] [-W] [-m TASKS] [-r BYTES] [--salvage] [-f FMT]
                      [-t CACHE] [-T CACHE] [-O FMT] [-B BACKING -F FMT] [-o OPTIONS] [-l SNAPSHOT] [-S SIZE]
                      FILE... OUTPUT
              resize [-q] [-f FMT] [--preallocation=MODE] [--shrink] FILE [+|-]SIZE
              snapshot [-q] [-f FMT] [-l | -a NAME | -c NAME | -d NAME] [-U] FILE
              rebase [-u] [-p] [-q] [-f FMT] [-t CACHE] [-T CACHE] -b BACKING [-F FMT] FILE
              commit [-d] [-p] [-q] [-f FMT] [-t CACHE] [-b BASE] [-r RATE] FILE
            Formats: raw, qcow2. Sizes in bytes, or with K, M, G, T, P, E. create -f qcow2 -o help lists OPTIONS.
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
        String command = arguments.isEmpty() ? "" : arguments.getFirst();
        List<String> rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
        Map<String, byte[]> secrets = new HashMap<>();
        rest = ImgObjects.take(rest, secrets);
        DiskImages images = new DiskImages(new FfmSyscalls(), secrets, name -> warnOfGuess(err, name));
        int code = switch (command) {
            case "create" -> new ImgCreate(images, out).run(rest);
            case "info" -> new ImgInfo(images, out).run(rest);
            case "check" -> new ImgCheck(images, out, err).run(rest);
            case "compare" -> new ImgCompare(images, out, err).run(rest);
            case "map" -> new ImgMap(images, out).run(rest);
            case "measure" -> new ImgMeasure(images, out).run(rest);
            case "dd" -> new ImgDd(images, err).run(rest);
            case "bench" -> new ImgBench(images, out).run(rest);
            case "convert" -> new ImgConvert(images, out, err).run(rest);
            case "resize" -> new ImgResize(images, out, err).run(rest);
            case "snapshot" -> new ImgSnapshot(images, out).run(rest);
            case "rebase" -> new ImgRebase(images, out).run(rest);
            case "commit" -> new ImgCommit(images, out).run(rest);
            case "-h", "-help", "--help", "help" -> {
                out.print(HELP);
                yield 0;
            }
            case "" -> throw new UsageException("img: needs a command: create, info, check or convert");
            default -> throw new UsageException("img: unknown command " + command
                    + Suggestion.of(command, List.of("create", "info", "check", "convert")));
        };
        out.flush();
        return code;
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

    static CacheMode cache(ImgArguments arguments, String option, CacheMode absent) {
        return arguments.value(option).map(text -> CacheMode.of(text).orElseThrow(() -> arguments.error(
                "-" + option + " must be writeback, writethrough, unsafe, none or directsync"))).orElse(absent);
    }
}
