package jkvm.app.img;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.image.DiskImages;
import jkvm.json.Json;

/** {@code jkvm img check}. */
final class ImgCheck {
    private static final int ERRORS = 2, LEAKS = 3, UNSUPPORTED = 63;

    private final DiskImages images;
    private final PrintStream out;
    private final PrintStream err;

    ImgCheck(DiskImages images, PrintStream out, PrintStream err) {
        this.images = images;
        this.out = out;
        this.err = err;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("check", words, "qf:r:T:U", "format=:f", "output=", "repair=:r",
                "force-share:U", ImgArguments.IMAGE_OPTS);
        String file = arguments.files(1, 1, "one image file name").getFirst();
        String repair = arguments.value("r").orElse("");
        if (!List.of("", "leaks", "all").contains(repair)) {
            throw arguments.error("-r must be leaks or all, not " + repair);
        }
        if (!repair.isEmpty()) {
            ImgCommand.refuseShared(arguments);
        }
        boolean json = arguments.json();
        boolean quiet = arguments.has("q");
        ImageOptions options = ImgCommand.source(arguments)
                .withCache(ImgCommand.cache(arguments, "T", CacheMode.WRITEBACK));
        Repair wanted = repair.equals("all") ? Repair.ALL : repair.equals("leaks") ? Repair.LEAKS : Repair.NOTHING;
        Optional<CheckResult> found = images.check(arguments.image(file), options, wanted, err::println);
        if (found.isEmpty()) {
            if (!quiet) {
                err.println("jkvm: img check: This image format does not support checks");
            }
            return UNSUPPORTED;
        }
        CheckResult result = found.get();
        if (result.corruptionsFixed() + result.leaksFixed() > 0) {
            if (!json && !quiet) {
                out.print(repaired(result));
            }
            result = images.check(arguments.image(file), options, Repair.NOTHING, err::println).orElseThrow()
                    .withFixed(result.corruptionsFixed(), result.leaksFixed());
        }
        if (json && !quiet) {
            out.print(json(result, file, images.formatOf(arguments.image(file), options)));
        } else if (!quiet) {
            out.print(text(result));
        }
        if (result.checkErrors() > 0) {
            err.println("jkvm: img check: Check failed: parts of the image could not be checked");
            return 1;
        }
        return result.corruptions() > 0 ? ERRORS : result.leaks() > 0 ? LEAKS : 0;
    }

    private static String repaired(CheckResult result) {
        return """
                The following inconsistencies were found and repaired:

                    %d leaked clusters
                    %d corruptions

                Double checking the fixed image now...
                """.formatted(result.leaksFixed(), result.corruptionsFixed());
    }

    static String text(CheckResult result) {
        StringBuilder text = new StringBuilder();
        if (result.corruptions() + result.leaks() + result.checkErrors() == 0) {
            text.append("No errors were found on the image.\n");
        }
        if (result.corruptions() > 0) {
            text.append("""

                    %d errors were found on the image.
                    Data may be corrupted, or further writes to the image may corrupt it.
                    """.formatted(result.corruptions()));
        }
        if (result.leaks() > 0) {
            text.append("""

                    %d leaked clusters were found on the image.
                    This means waste of disk space, but no harm to data.
                    """.formatted(result.leaks()));
        }
        if (result.checkErrors() > 0) {
            text.append("\n%d internal errors have occurred during the check.\n".formatted(result.checkErrors()));
        }
        long allocated = result.allocatedClusters();
        if (result.totalClusters() > 0 && allocated > 0) {
            text.append(allocated).append('/').append(result.totalClusters()).append(" = ")
                    .append(percent(allocated, result.totalClusters())).append(" allocated, ")
                    .append(percent(result.fragmentedClusters(), allocated)).append(" fragmented, ")
                    .append(percent(result.compressedClusters(), allocated)).append(" compressed clusters\n");
        }
        if (result.endOffset() > 0) {
            text.append("Image end offset: ").append(result.endOffset()).append('\n');
        }
        return text.toString();
    }

    /** With two decimals, rounded as C's printf rounds. */
    private static String percent(long part, long whole) {
        return new BigDecimal(part * 100.0 / whole).setScale(2, RoundingMode.HALF_EVEN) + "%";
    }

    private static String json(CheckResult result, String file, ImageFormat format) {
        Json.Members json = Json.Members.empty().with("filename", file).with("format", format.text())
                .with("check-errors", result.checkErrors());
        json = with(json, "image-end-offset", result.endOffset());
        json = with(json, "total-clusters", result.totalClusters());
        json = with(json, "corruptions", result.corruptions());
        json = with(json, "leaks", result.leaks());
        json = with(json, "corruptions-fixed", result.corruptionsFixed());
        json = with(json, "leaks-fixed", result.leaksFixed());
        json = with(json, "allocated-clusters", result.allocatedClusters());
        json = with(json, "fragmented-clusters", result.fragmentedClusters());
        json = with(json, "compressed-clusters", result.compressedClusters());
        return json.inQemuOrder().document();
    }

    private static Json.Members with(Json.Members json, String name, long value) {
        return value > 0 ? json.with(name, value) : json;
    }
}
