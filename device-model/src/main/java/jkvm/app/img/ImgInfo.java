package jkvm.app.img;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jkvm.app.options.UsageException;
import jkvm.control.json.JsonWriter;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.image.DiskImages;

/** {@code jkvm img info}. */
final class ImgInfo {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private final DiskImages images;
    private final PrintStream out;

    ImgInfo(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    private record Named(String file, ImageInfo info) {
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("info", words, "f:U", "output=", "backing-chain", "force-share:U");
        String file = arguments.files(1, 1, "one image file name").getFirst();
        boolean json = arguments.json();
        boolean chain = arguments.has("backing-chain");
        List<Named> found = collect(Path.of(file), file, ImgCommand.source(arguments), chain);
        if (!json) {
            List<String> texts = found.stream().map(each -> text(each.file, each.info)).toList();
            out.print(String.join("\n", texts));
            return 0;
        }
        JsonWriter writer = new JsonWriter();
        if (chain) {
            writer.begin('[');
        }
        found.forEach(each -> writeJson(writer, each.file, each.info));
        if (chain) {
            writer.end(']');
        }
        out.print(writer.document());
        return 0;
    }

    private List<Named> collect(Path first, String name, ImageOptions options, boolean chain) {
        List<Named> found = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        Path path = first;
        String file = name;
        ImageOptions how = options;
        while (path != null) {
            if (!seen.add(path.toAbsolutePath().normalize())) {
                throw new UsageException("disk image " + name + ": its backing files form a loop at " + file);
            }
            ImageInfo info = images.info(path, how);
            found.add(new Named(file, info));
            path = chain ? info.backingPath() : null;
            file = path == null ? null : path.toString();
            ImageOptions next = ImageOptions.READ_ONLY.withLocked(options.locked());
            how = info.backingFormat() == null ? next : ImageFormat.of(info.backingFormat()).map(next::withFormat)
                    .orElse(next);
        }
        return found;
    }

    static String text(String file, ImageInfo info) {
        StringBuilder text = new StringBuilder();
        text.append("image: ").append(file).append("\nfile format: ").append(info.format().text());
        text.append("\nvirtual size: ").append(size(info.virtualSize())).append(" (").append(info.virtualSize())
                .append(" bytes)\ndisk size: ").append(size(info.allocatedSize())).append('\n');
        ImageInfo.Qcow2 qcow2 = info.qcow2();
        if (qcow2 == null) {
            return text.toString();
        }
        text.append("cluster_size: ").append(qcow2.clusterSize()).append('\n');
        if (qcow2.dirty()) {
            text.append("cleanly shut down: no\n");
        }
        if (info.backingFile() != null) {
            text.append("backing file: ").append(info.backingFile());
            String actual = info.backingPath().toString();
            text.append(actual.equals(info.backingFile()) ? "" : " (actual path: " + actual + ")").append('\n');
            text.append(info.backingFormat() == null ? "" : "backing file format: " + info.backingFormat() + "\n");
        }
        if (!qcow2.snapshots().isEmpty()) {
            text.append("Snapshot list:\n").append("%-10s%-17s%8s%20s%13s%11s%n".formatted("ID", "TAG", "VM SIZE",
                    "DATE", "VM CLOCK", "ICOUNT"));
            qcow2.snapshots().forEach(snapshot -> text.append(line(snapshot)));
        }
        text.append("Format specific information:\n    compat: ").append(compat(qcow2));
        text.append("\n    compression type: zlib\n");
        boolean v3 = qcow2.version() >= 3;
        text.append(v3 ? "    lazy refcounts: " + qcow2.lazyRefcounts() + "\n" : "");
        text.append("    refcount bits: ").append(qcow2.refcountBits()).append('\n');
        text.append(v3 ? "    corrupt: " + qcow2.corrupt() + "\n    extended l2: false\n" : "");
        return text.toString();
    }

    private static String compat(ImageInfo.Qcow2 qcow2) {
        return qcow2.version() >= 3 ? "1.1" : "0.10";
    }

    private static String line(InternalSnapshot snapshot) {
        long milliseconds = snapshot.vmClockNanos() / 1_000_000;
        String clock = "%02d:%02d:%02d.%03d".formatted(milliseconds / 3_600_000, milliseconds / 60_000 % 60,
                milliseconds / 1000 % 60, milliseconds % 1000);
        String count = snapshot.instructions() < 0 ? "" : Long.toString(snapshot.instructions());
        return "%-9s %-16s %8s%20s%13s%11s%n".formatted(snapshot.id(), snapshot.name(), size(snapshot.vmStateSize()),
                DATE.format(snapshot.date().atZone(ZoneId.systemDefault())), clock, count);
    }

    /** A number of bytes with three digits, as qemu-img writes it. */
    static String size(long bytes) {
        int unit = 0;
        while (unit + 1 < UNITS.length && bytes >= 1000L << 10 * unit) {
            unit++;
        }
        BigDecimal value = BigDecimal.valueOf(bytes).divide(BigDecimal.valueOf(1L << 10 * unit))
                .round(new MathContext(3)).stripTrailingZeros();
        return value.toPlainString() + " " + UNITS[unit];
    }

    private static void writeJson(JsonWriter json, String file, ImageInfo info) {
        json.begin('{');
        ImageInfo.Qcow2 qcow2 = info.qcow2();
        if (qcow2 != null && !qcow2.snapshots().isEmpty()) {
            json.begin("snapshots", '[');
            qcow2.snapshots().forEach(snapshot -> writeJson(json, snapshot));
            json.end(']');
        }
        if (info.backingFormat() != null) {
            json.member("backing-filename-format", info.backingFormat());
        }
        json.member("virtual-size", info.virtualSize()).member("filename", file);
        if (qcow2 != null) {
            json.member("cluster-size", qcow2.clusterSize());
        }
        json.member("format", info.format().text()).member("actual-size", info.allocatedSize());
        if (qcow2 != null) {
            json.begin("format-specific", '{').member("type", "qcow2").begin("data", '{');
            json.member("compat", compat(qcow2)).member("compression-type", "zlib");
            boolean v3 = qcow2.version() >= 3;
            if (v3) {
                json.member("lazy-refcounts", qcow2.lazyRefcounts());
            }
            json.member("refcount-bits", qcow2.refcountBits());
            if (v3) {
                json.member("corrupt", qcow2.corrupt()).member("extended-l2", false);
            }
            json.end('}').end('}');
        }
        if (info.backingFile() != null) {
            json.member("full-backing-filename", info.backingPath().toString());
            json.member("backing-filename", info.backingFile());
        }
        json.member("dirty-flag", qcow2 != null && qcow2.dirty()).end('}');
    }

    private static void writeJson(JsonWriter json, InternalSnapshot snapshot) {
        json.begin('{');
        if (snapshot.instructions() >= 0) {
            json.member("icount", snapshot.instructions());
        }
        Instant date = snapshot.date();
        json.member("vm-clock-nsec", snapshot.vmClockNanos() % 1_000_000_000).member("name", snapshot.name())
                .member("date-sec", date.getEpochSecond()).member("date-nsec", date.getNano())
                .member("vm-clock-sec", snapshot.vmClockNanos() / 1_000_000_000).member("id", snapshot.id())
                .member("vm-state-size", snapshot.vmStateSize()).end('}');
    }
}
