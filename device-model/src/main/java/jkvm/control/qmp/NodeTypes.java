package jkvm.control.qmp;

import java.io.IOException;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.ImageName;
import jkvm.json.Json;

/** A block node and its image as clients get them: {@code BlockDeviceInfo} and {@code ImageInfo}. */
final class NodeTypes {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final Struct<CacheMode> CACHE = Struct.<CacheMode>named("BlockdevCacheInfo")
            .flag("writeback", mode -> !mode.writesThrough())
            .flag("direct", CacheMode::isDirect)
            .flag("no-flush", mode -> mode == CacheMode.UNSAFE);
    private static final Struct<InternalSnapshot> SNAPSHOT = Struct.<InternalSnapshot>named("SnapshotInfo")
            .with("id", Types.STR, InternalSnapshot::id)
            .with("name", Types.STR, InternalSnapshot::name)
            .with("vm-state-size", Types.INT, InternalSnapshot::vmStateSize)
            .with("date-sec", Types.INT, snapshot -> snapshot.date().getEpochSecond())
            .with("date-nsec", Types.INT, snapshot -> snapshot.date().getLong(ChronoField.NANO_OF_SECOND))
            .with("vm-clock-sec", Types.INT, snapshot -> snapshot.vmClockNanos() / NANOS_PER_SECOND)
            .with("vm-clock-nsec", Types.INT, snapshot -> snapshot.vmClockNanos() % NANOS_PER_SECOND)
            .optionally("icount", Types.INT, snapshot -> Optional.of(snapshot.instructions())
                    .filter(count -> count >= 0));
    private static final Struct<Image> IMAGE = Struct.<Image>named("ImageInfo")
            .with("filename", Types.STR, Image::fileName)
            .with("format", Types.STR, Image::driver)
            .optionally("dirty-flag", Types.BOOL, image -> Optional.of(image.info().dirty()))
            .optionally("actual-size", Types.INT, image -> Optional.of(image.info().allocatedSize())
                    .filter(size -> size != BlockFile.UNKNOWN))
            .with("virtual-size", Types.INT, image -> image.info().virtualSize())
            .optionally("cluster-size", Types.INT, image -> Optional.of(image.info().clusterSize())
                    .filter(size -> size > 0))
            .optionally("encrypted", Types.BOOL, image -> Optional.of(true).filter(_ -> image.info().encrypted()))
            .optionally("backing-filename", Types.STR, image -> Optional.ofNullable(image.info().backingFile()))
            .optionally("full-backing-filename", Types.STR, image -> Optional.ofNullable(image.info().backingPath()))
            .optionally("backing-filename-format", Types.STR,
                    image -> Optional.ofNullable(image.info().backingFormat()))
            .optionally("snapshots", Types.listOf(SNAPSHOT), image -> Optional.of(image.info().snapshots())
                    .filter(snapshots -> !snapshots.isEmpty()).map(snapshots -> snapshots))
            .optionally("backing-image", Types.ANY, image -> image.backing().map(NodeTypes::encode))
            .optionally("format-specific", Types.ANY, Image::specific);
    static final Struct<Node> NODE = node();

    private NodeTypes() {
    }

    /**
     * A node.
     *
     * @param graph of which it is
     */
    record Node(BlockGraph graph, BlockNode block) {
        String driver() {
            if (!block.isFile()) {
                return block.image().format().text();
            }
            return block.spec().image().file() instanceof ImageName.Remote remote ? remote.protocol() : "file";
        }

        Optional<Node> backing() {
            return Optional.ofNullable(block.backing()).map(below -> new Node(graph, below));
        }

        Image image() {
            return new Image(this, info());
        }

        private ImageInfo info() {
            try {
                return graph.info(block);
            } catch (IOException _) {
                // The host does not let it be read now; what is known of the open image is told even so.
                long size = block.image() == null ? 0 : block.image().capacity();
                return ImageInfo.of(ImageFormat.RAW, size, BlockFile.UNKNOWN);
            }
        }
    }

    /** A node with what its header says. */
    record Image(Node node, ImageInfo info) {
        String fileName() {
            return node.block().fileName();
        }

        String driver() {
            return node.driver();
        }

        Optional<Image> backing() {
            return node.backing().map(Node::image);
        }

        Optional<Json> specific() {
            return info.specific().values().isEmpty() ? Optional.empty()
                    : Optional.of(Json.Members.empty().with("type", driver()).with("data", info.specific()));
        }
    }

    private static Json encode(Image image) {
        return IMAGE.encode(image);
    }

    private static Struct<Node> node() {
        Struct<Node> node = Struct.<Node>named("BlockDeviceInfo")
                .with("file", Types.STR, each -> each.block().fileName())
                .optionally("node-name", Types.STR, each -> Optional.of(each.block().name()))
                .flag("ro", each -> !each.block().isWritable() && each.block().image() != null)
                .with("drv", Types.STR, Node::driver)
                .optionally("backing_file", Types.STR, each -> each.backing().map(below -> below.block().fileName()))
                .with("backing_file_depth", Types.INT, each -> depth(each.block()))
                .flag("encrypted", each -> !each.block().isFile() && each.info().encrypted())
                .with("detect_zeroes", Types.choice("BlockdevDetectZeroesOptions", List.of("off", "on", "unmap")),
                        _ -> "off");
        // Nothing limits the rate of requests.
        for (String limit : new String[] {"bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"}) {
            node = node.with(limit, Types.INT, _ -> 0L);
        }
        return node.with("image", IMAGE, Node::image)
                .with("cache", CACHE, each -> each.block().spec().options().cache())
                .with("write_threshold", Types.INT, _ -> 0L);
    }

    private static long depth(BlockNode node) {
        long depth = 0;
        for (BlockNode below = node.backing(); below != null; below = below.backing()) {
            depth++;
        }
        return depth;
    }
}
