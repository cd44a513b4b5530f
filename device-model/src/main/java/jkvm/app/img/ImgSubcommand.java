package jkvm.app.img;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jkvm.host.image.DiskImages;

/** The commands of {@code jkvm img}, one row each: the dispatcher and the help go by this table. */
enum ImgSubcommand {
    CREATE("[-q] [-f FMT] [-b BACKING -F FMT] [-u] [-o OPTIONS] FILE [SIZE]",
            (images, out, err, words) -> new ImgCreate(images, out).run(words)),
    INFO("[-f FMT] [--output=human|json] [--backing-chain] [-U] FILE",
            (images, out, err, words) -> new ImgInfo(images, out).run(words)),
    CHECK("[-q] [-f FMT] [--output=human|json] [-r leaks|all] [-T CACHE] [-U] FILE",
            (images, out, err, words) -> new ImgCheck(images, out, err).run(words)),
    COMPARE("[-q] [-p] [-s] [-f FMT] [-F FMT] [-T CACHE] [-U] FILE1 FILE2",
            (images, out, err, words) -> new ImgCompare(images, out, err).run(words)),
    MAP("[-f FMT] [--output=human|json] [--start-offset=SIZE] [--max-length=SIZE] [-U] FILE",
            (images, out, err, words) -> new ImgMap(images, out).run(words)),
    MEASURE("[--output=human|json] [-O FMT] [-o OPTIONS] --size SIZE | [-f FMT] [-l SNAPSHOT] [-U] FILE",
            (images, out, err, words) -> new ImgMeasure(images, out).run(words)),
    CONVERT("""
            [-n [--target-is-zero]] [-p] [-q] [-U] [-c] [-C] [-W] [-m TASKS] [-r BYTES] [--salvage] [-f FMT]
                      [-t CACHE] [-T CACHE] [-O FMT] [-B BACKING -F FMT] [-o OPTIONS] [-l SNAPSHOT] [-S SIZE]
                      [--bitmaps [--skip-broken-bitmaps]] FILE... OUTPUT""",
            (images, out, err, words) -> new ImgConvert(images, out, err).run(words)),
    DD("[-f FMT] [-O FMT] [-U] [bs=SIZE] [count=BLOCKS] [skip=BLOCKS] if=FILE of=FILE",
            (images, out, err, words) -> new ImgDd(images, err).run(words)),
    RESIZE("[-q] [-f FMT] [--preallocation=MODE] [--shrink] FILE [+|-]SIZE",
            (images, out, err, words) -> new ImgResize(images, out, err).run(words)),
    AMEND("[-p] [-q] [-f FMT] [-t CACHE] -o OPTIONS FILE",
            (images, out, err, words) -> new ImgAmend(images, out).run(words)),
    SNAPSHOT("[-q] [-f FMT] [-l | -a NAME | -c NAME | -d NAME] [-U] FILE",
            (images, out, err, words) -> new ImgSnapshot(images, out).run(words)),
    BITMAP("""
            [-b SOURCE [-F FMT]] [-g GRANULARITY] [-f FMT]
                      --add|--remove|--clear|--enable|--disable|--merge=BITMAP... FILE BITMAP""",
            (images, out, err, words) -> new ImgBitmap(images).run(words)),
    REBASE("[-u] [-p] [-q] [-f FMT] [-t CACHE] [-T CACHE] -b BACKING [-F FMT] FILE",
            (images, out, err, words) -> new ImgRebase(images, out).run(words)),
    COMMIT("[-d] [-p] [-q] [-f FMT] [-t CACHE] [-b BASE] [-r RATE] FILE",
            (images, out, err, words) -> new ImgCommit(images, out).run(words)),
    BENCH("""
            [-c COUNT] [-d DEPTH] [-f FMT] [-i AIO] [-n] [-o OFFSET] [-q] [-s SIZE] [-S STEP] [-t CACHE] [-U]
                      [-w [--pattern=BYTE] [--flush-interval=COUNT [--no-drain]]] FILE""",
            (images, out, err, words) -> new ImgBench(images, out).run(words)),
    SERVE("[-f FMT] [-r] [--export-name=NAME] [--socket=PATH | --bind=ADDRESS --port=N] [--persistent] FILE",
            (images, out, err, words) -> new ImgServe(images, out, err).run(words));

    /** Runs a command. */
    @FunctionalInterface
    interface Runner {
        /** @return the exit code */
        int run(DiskImages images, PrintStream out, PrintStream err, List<String> words);
    }

    private final String arguments;
    private final Runner runner;

    ImgSubcommand(String arguments, Runner runner) {
        this.arguments = arguments;
        this.runner = runner;
    }

    /** As users write it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its line, or lines, in the help. */
    String usage() {
        return "  " + text() + " " + arguments + "\n";
    }

    static Optional<ImgSubcommand> of(String text) {
        return Arrays.stream(values()).filter(each -> each.text().equals(text)).findFirst();
    }

    /** The names of all. */
    static List<String> names() {
        return Arrays.stream(values()).map(ImgSubcommand::text).toList();
    }

    /**
     * Runs it.
     *
     * @param words after its name
     * @return the exit code
     */
    int run(DiskImages images, PrintStream out, PrintStream err, List<String> words) {
        return runner.run(images, out, err, words);
    }
}
