package jkvm.app.img;

import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jkvm.app.options.UsageException;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.SnapshotText;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;
import jkvm.host.image.ImageName;
import jkvm.json.Json;

/** {@code jkvm img info}. */
final class ImgInfo {
    private final DiskImages images;
    private final PrintStream out;

    ImgInfo(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    private record Named(String file, ImageInfo info) {
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("info", words, "f:U", "format=:f", "output=", "backing-chain",
                "force-share:U", ImgArguments.IMAGE_OPTS);
        String file = arguments.files(1, 1, "one image file name").getFirst();
        boolean json = arguments.json();
        boolean chain = arguments.has("backing-chain");
        List<Named> found = collect(arguments.image(file), ImgCommand.source(arguments), chain);
        if (!json) {
            List<String> texts = found.stream().map(each -> text(each.file, each.info)).toList();
            out.print(String.join("\n", texts));
            return 0;
        }
        List<Json> values = found.stream().map(each -> json(each.file, each.info).inQemuOrder()).toList();
        out.print((chain ? new Json.Items(values) : values.getFirst()).document());
        return 0;
    }

    private List<Named> collect(ImageDescription first, ImageOptions options, boolean chain) {
        List<Named> found = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        ImageDescription image = first;
        ImageOptions how = options;
        while (true) {
            String file = image.file() instanceof ImageName.File named ? named.path() : image.file().text();
            if (!seen.add(file)) {
                throw new UsageException("Backing file '" + file + "' creates an infinite loop.");
            }
            ImageInfo info = images.info(image, how);
            found.add(new Named(image.shownName(info.format().text()), info));
            if (!chain || info.backingPath() == null) {
                return found;
            }
            image = DiskImages.parse(info.backingPath());
            how = ImageOptions.READ_ONLY.withLocked(options.locked())
                    .withFormat(Optional.ofNullable(info.backingFormat()).flatMap(DiskImages::format));
        }
    }

    static String text(String file, ImageInfo info) {
        StringBuilder text = new StringBuilder();
        text.append("image: ").append(file).append("\nfile format: ").append(info.format().text());
        text.append("\nvirtual size: ").append(SnapshotText.size(info.virtualSize())).append(" (")
                .append(info.virtualSize())
                .append(" bytes)\ndisk size: ").append(info.allocatedSize() == BlockFile.UNKNOWN ? "unavailable"
                        : SnapshotText.size(info.allocatedSize())).append('\n');
        text.append(info.encrypted() ? "encrypted: yes\n" : "");
        text.append(info.clusterSize() == 0 ? "" : "cluster_size: " + info.clusterSize() + "\n");
        text.append(info.dirty() ? "cleanly shut down: no\n" : "");
        if (info.backingFile() != null) {
            text.append("backing file: ").append(info.backingFile());
            String actual = info.backingPath();
            text.append(actual.equals(info.backingFile()) ? "" : " (actual path: " + actual + ")").append('\n');
            text.append(info.backingFormat() == null ? "" : "backing file format: " + info.backingFormat() + "\n");
        }
        if (!info.snapshots().isEmpty()) {
            text.append(list(info.snapshots()));
        }
        if (!info.specific().values().isEmpty()) {
            text.append("Format specific information:\n");
            dump(text, 1, info.specific().inQemuOrder());
        }
        return text.toString();
    }

    /** Values line by line, those inside others with a deeper indentation. */
    private static void dump(StringBuilder text, int depth, Json value) {
        switch (value) {
            case Json.Members members -> members.values().forEach((name, each) ->
                    dumpNamed(text, depth, name.replace('-', ' '), each));
            case Json.Items items -> {
                for (int i = 0; i < items.values().size(); i++) {
                    dumpNamed(text, depth, "[" + i + "]", items.values().get(i));
                }
            }
            case Json.Text found -> text.append(found.value());
            case Json.Whole found -> text.append(found.value());
            case Json.Real found -> text.append(found.text());
            case Json.Flag found -> text.append(found.value());
            case Json.Nothing _ -> text.append("null");
        }
    }

    private static void dumpNamed(StringBuilder text, int depth, String name, Json value) {
        boolean nested = value instanceof Json.Members || value instanceof Json.Items;
        text.repeat("    ", depth).append(name).append(nested ? ":\n" : ": ");
        dump(text, depth + 1, value);
        text.append(nested ? "" : "\n");
    }

    /** A table of snapshots. */
    static String list(List<InternalSnapshot> snapshots) {
        return "Snapshot list:\n" + SnapshotText.table(snapshots);
    }

    private static Json json(String file, ImageInfo info) {
        Json.Members json = Json.Members.empty().with("filename", file).with("format", info.format().text())
                .with("virtual-size", info.virtualSize());
        boolean isKnown = info.allocatedSize() != BlockFile.UNKNOWN;
        if (isKnown) {
            json = json.with("actual-size", info.allocatedSize());
        }
        if (isKnown || info.clusterSize() > 0) {
            json = json.with("dirty-flag", info.dirty());
        }
        if (!info.snapshots().isEmpty()) {
            json = json.with("snapshots", new Json.Items(info.snapshots().stream().map(ImgInfo::json).toList()));
        }
        if (info.encrypted()) {
            json = json.with("encrypted", true);
        }
        if (info.clusterSize() > 0) {
            json = json.with("cluster-size", info.clusterSize());
        }
        if (info.backingFormat() != null) {
            json = json.with("backing-filename-format", info.backingFormat());
        }
        if (info.backingFile() != null) {
            json = json.with("full-backing-filename", info.backingPath())
                    .with("backing-filename", info.backingFile());
        }
        return info.specific().values().isEmpty() ? json : json.with("format-specific", Json.Members.empty()
                .with("type", info.format().text()).with("data", info.specific()));
    }

    private static Json json(InternalSnapshot snapshot) {
        Instant date = snapshot.date();
        Json.Members json = Json.Members.empty().with("id", snapshot.id()).with("name", snapshot.name())
                .with("vm-state-size", snapshot.vmStateSize()).with("date-sec", date.getEpochSecond())
                .with("date-nsec", date.getNano()).with("vm-clock-nsec", snapshot.vmClockNanos() % 1_000_000_000)
                .with("vm-clock-sec", snapshot.vmClockNanos() / 1_000_000_000);
        return snapshot.instructions() < 0 ? json : json.with("icount", snapshot.instructions());
    }
}
