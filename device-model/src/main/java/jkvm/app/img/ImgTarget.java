package jkvm.app.img;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import jkvm.app.options.OptionValues;
import jkvm.host.disk.CreateOptions;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;

/** A new image as {@code create} and {@code convert} describe it: format, {@code -o} and backing file. */
final class ImgTarget {
    private static final String QCOW2_HELP = """
            Supported qcow2 options:
              backing_file=<str>     - File name of a base image
              backing_fmt=<str>      - Image format of the base image
              cluster_size=<size>    - qcow2 cluster size
              compat=<str>           - Compatibility level (v2 [0.10] or v3 [1.1])
              lazy_refcounts=<bool (on/off)> - Postpone refcount updates
              refcount_bits=<num>    - Width of a reference count entry in bits
              size=<size>            - Virtual disk size
            """;
    private static final String RAW_HELP = """
            Supported raw options:
              size=<size>            - Virtual disk size
            """;
    private static final int MAX_CLUSTER_SIZE = 2 << 20, MIN_CLUSTER_SIZE = 512;

    private final ImgArguments arguments;
    private final ImageFormat format;
    private final Optional<Long> size;
    private final String backingFile;
    private final ImageFormat backingFormat;
    private final int clusterSize;
    private final Optional<String> compat;
    private final boolean lazyRefcounts;
    private final int refcountBits;

    /** @param backingOption the letter of the option that names the backing file */
    ImgTarget(ImgArguments arguments, ImageFormat format, String backingOption) {
        this.arguments = arguments;
        this.format = format;
        // Without -o, preallocation has its only value.
        OptionValues options = new OptionValues("-o", arguments.joined("o").orElse("preallocation=off"), "");
        boolean qcow2 = format == ImageFormat.QCOW2;
        this.size = options.take("size").map(text -> options.size(text, 'B'));
        options.takeFixed("preallocation", "off");
        Optional<String> file = arguments.value(backingOption);
        Optional<String> backingName = Optional.empty();
        if (qcow2) {
            file = options.take("backing_file").or(() -> arguments.value(backingOption));
            backingName = options.take("backing_fmt").or(() -> arguments.value("F"));
            options.takeFixed("compression_type", "zlib");
            options.takeFixed("extended_l2", "off");
        } else if (file.isPresent()) {
            throw arguments.error("a raw image cannot have a backing file: use -f qcow2");
        }
        this.backingFile = file.orElse(null);
        this.backingFormat = backingName.map(text -> ImageFormat.of(text)
                .orElseThrow(() -> arguments.error("unknown backing format " + text))).orElse(null);
        this.compat = qcow2 ? options.take("compat") : Optional.empty();
        this.lazyRefcounts = qcow2 && options.takeFlag("lazy_refcounts", false);
        this.refcountBits = qcow2 ? options.takeNumber("refcount_bits", 1, 64).map(Long::intValue)
                .orElse(CreateOptions.DEFAULT_REFCOUNT_BITS) : 0;
        this.clusterSize = qcow2 ? options.take("cluster_size").map(text -> clusterSize(options.size(text, 'B')))
                .orElse(CreateOptions.DEFAULT_CLUSTER_SIZE) : 0;
        options.end();
        if (qcow2) {
            check();
        }
    }

    private void check() {
        if (backingFile != null && backingFormat == null) {
            throw arguments.error("a backing file needs its format too: -F raw or -F qcow2");
        }
        if (backingFile == null && backingFormat != null) {
            throw arguments.error("a backing format needs a backing file");
        }
        if (Integer.bitCount(refcountBits) != 1) {
            throw arguments.error("refcount_bits must be a power of two from 1 to 64, not " + refcountBits);
        }
        if (version() == 2 && (lazyRefcounts || refcountBits != CreateOptions.DEFAULT_REFCOUNT_BITS)) {
            throw arguments.error((lazyRefcounts ? "lazy_refcounts" : "refcount_bits")
                    + " needs compat=1.1 or newer");
        }
    }

    private int clusterSize(long bytes) {
        if (Long.bitCount(bytes) != 1 || bytes < MIN_CLUSTER_SIZE || bytes > MAX_CLUSTER_SIZE) {
            throw arguments.error("cluster_size must be a power of two between 512 and 2048k");
        }
        return (int) bytes;
    }

    private int version() {
        return switch (compat.orElse("1.1")) {
            case "0.10", "v2" -> 2;
            case "1.1", "v3" -> 3;
            default -> throw arguments.error("compat must be 0.10 or 1.1, not " + compat.get());
        };
    }

    /** The output of {@code -o help}. */
    static String help(ImageFormat format) {
        return format == ImageFormat.QCOW2 ? QCOW2_HELP : RAW_HELP;
    }

    /** The size that {@code -o size=} tells. */
    Optional<Long> size() {
        return size;
    }

    boolean hasBackingFile() {
        return backingFile != null;
    }

    /** The backing file's disk size; an error if it cannot be opened. */
    long backingSize(DiskImages images, Path image) {
        try (DiskImage backing = images.open(image.resolveSibling(backingFile),
                ImageOptions.READ_ONLY.withFormat(backingFormat).withLocked(false))) {
            return backing.capacity();
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    void create(DiskImages images, Path path, long bytes) {
        if (format == ImageFormat.RAW) {
            images.createRaw(path, bytes);
        } else {
            images.createQcow2(path, new CreateOptions(bytes, clusterSize, version(), refcountBits, lazyRefcounts,
                    backingFile, backingFormat));
        }
    }

    /** The line that {@code create} prints. */
    String describe(String file, long bytes) {
        if (format == ImageFormat.RAW) {
            return "Formatting '" + file + "', fmt=raw size=" + bytes;
        }
        return "Formatting '" + file + "', fmt=qcow2 cluster_size=" + clusterSize
                + " extended_l2=off compression_type=zlib size=" + bytes
                + compat.map(text -> " compat=" + text).orElse("")
                + (backingFile == null ? "" : " backing_file=" + backingFile + " backing_fmt=" + backingFormat.text())
                + " lazy_refcounts=" + (lazyRefcounts ? "on" : "off") + " refcount_bits=" + refcountBits;
    }
}
