package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Preallocation;
import jkvm.host.disk.luks.LuksVolume;

/**
 * Changes options of an image that is there, in QEMU's order: version 3 first, version 2 last. It refuses what cannot
 * be before it changes anything. The image is good between two changes.
 */
final class Qcow2Amender {
    private static final String DATA_FILE_ONLY = "data-file can only be set for images that use an external data file";
    private static final List<String> NAMES = List.of(CreateOption.BACKING_FILE, CreateOption.BACKING_FORMAT,
            Qcow2Settings.COMPAT, Qcow2Settings.DATA_FILE, Qcow2Settings.DATA_FILE_RAW,
            Qcow2Settings.LAZY_REFCOUNTS, Qcow2Settings.REFCOUNT_BITS, CreateOption.SIZE);

    /** In the order of their names. */
    static final List<CreateOption> OPTIONS = Stream.concat(
            Qcow2Settings.OPTIONS.stream().filter(each -> NAMES.contains(each.name())),
            LuksVolume.amendOptions().stream().map(each -> each.withPrefix(Encryption.PREFIX)))
            .sorted((one, other) -> one.name().compareTo(other.name())).toList();

    private final BlockFile file;
    private final NamedFiles files;
    private final Qcow2Header before;
    private final Qcow2Editor editor;
    private final CreateValues values;
    private final int version;
    private final int refcountBits;
    private final long size;
    private final AmendProgress progress;

    Qcow2Amender(BlockFile file, NamedFiles files, Qcow2Header header, Qcow2Editor editor, CreateValues values,
            DoubleConsumer percent) throws IOException {
        this.file = file;
        this.files = files;
        this.before = header;
        this.editor = editor;
        this.values = values;
        version = values.has(Qcow2Settings.COMPAT) ? Qcow2Settings.version(values.text(Qcow2Settings.COMPAT).get(),
                "Unknown compatibility level ") : header.version();
        refcountBits = (int) values.number(Qcow2Settings.REFCOUNT_BITS).orElse(1L << header.refcountOrder());
        long wanted = values.size();
        size = wanted == 0 ? header.size() : wanted;
        int operations = (version == header.version() ? 0 : 1)
                + (refcountBits == 1 << header.refcountOrder() ? 0 : 1);
        progress = new AmendProgress(operations, percent);
    }

    void run(boolean force) throws IOException {
        check();
        if (version > before.version()) {
            progress.start(2);
            new HeaderCluster(file, before).asVersion3().write();
            progress.end();
        }
        if (!values.within(Encryption.PREFIX).isEmpty()) {
            before.encryption().amend(file, values.within(Encryption.PREFIX), force, files);
        }
        if (refcountBits != 1 << before.refcountOrder()) {
            new RefcountChange(file, Integer.numberOfTrailingZeros(refcountBits)).run(progress);
        }
        changeDataFile();
        changeLaziness();
        if (size != before.size()) {
            editor.resize(size, Preallocation.OFF);
        }
        if (version < before.version()) {
            new ZeroExpansion(file).run(progress);
            new HeaderCluster(file, Qcow2Header.read(file)).asVersion2().write();
        }
    }

    private void check() throws IOException {
        if (values.has(CreateOption.BACKING_FILE) || values.has(CreateOption.BACKING_FORMAT)) {
            boolean same = values.text(CreateOption.BACKING_FILE).equals(Optional.ofNullable(before.backingFile()))
                    && values.text(CreateOption.BACKING_FORMAT).equals(Optional.ofNullable(before.backingFormat()));
            require(same, "Cannot amend the backing file\nYou can use 'jkvm img rebase' instead.");
        }
        if (!values.within(Encryption.PREFIX).isEmpty()) {
            require(!before.encryption().isNone(), "Can't amend encryption options - encryption not present");
            require(before.encryption().method() == Encryption.LUKS, "Only LUKS encryption options can be amended");
        }
        require(Long.bitCount(refcountBits) == 1 && refcountBits > 0 && refcountBits <= Qcow2Settings.MAX_REFCOUNT_BITS,
                "Refcount width must be a power of two and may not exceed 64 bits");
        require(version >= 3 || !values.has(Qcow2Settings.REFCOUNT_BITS)
                        || refcountBits == 1 << Qcow2Header.V2_REFCOUNT_ORDER,
                "Refcount widths other than 16 bits require compatibility level 1.1 or above (use compat=1.1 or"
                        + " greater)");
        require(version >= 3 || !values.flag(Qcow2Settings.LAZY_REFCOUNTS).orElse(false),
                "Lazy refcounts only supported with compatibility level 1.1 and above (use compat=1.1 or greater)");
        require(!values.flag(Qcow2Settings.DATA_FILE_RAW).orElse(false) || before.isDataFileRaw(),
                "data-file-raw cannot be set on existing images");
        require(!values.has(Qcow2Settings.DATA_FILE) || before.hasDataFile(), DATA_FILE_ONLY);
        require(values.text(Qcow2Settings.DATA_FILE).filter(String::isEmpty).isEmpty(),
                "data_file needs the name of a file: without one the image could not be opened any more");
        require(size >= 0, "Image size cannot be negative");
        require(size % DiskImage.SECTOR_SIZE == 0, "The new size must be a multiple of " + DiskImage.SECTOR_SIZE);
        if (version < before.version()) {
            checkDowngrade();
        }
    }

    private void checkDowngrade() throws IOException {
        require(!before.hasDataFile(), "Cannot downgrade an image with a data file");
        require(before.encryption().isNone(), "Cannot downgrade an encrypted image");
        long features = before.incompatible() & ~Qcow2Header.DIRTY_BIT;
        require(features == 0, "Cannot downgrade an image with incompatible features 0x" + Long.toHexString(features)
                + " set");
        for (InternalSnapshot each : new SnapshotTable(file, before).read()) {
            require(each.vmStateSize() == 0 && each.diskSize() == size,
                    "Internal snapshots prevent downgrade of image");
        }
        require(refcountBits == 1 << Qcow2Header.V2_REFCOUNT_ORDER, "compat=0.10 requires refcount_bits=16");
        require(new BitmapDirectory(file, before).read().isEmpty(),
                "Version 2 keeps no bitmaps: remove them first (bitmap --remove)");
    }

    private static void require(boolean condition, String reason) throws ImageException {
        if (!condition) {
            throw new ImageException(Kind.INVALID_OPTION, reason);
        }
    }

    private void changeDataFile() throws IOException {
        if (values.has(Qcow2Settings.DATA_FILE)) {
            new HeaderCluster(file, Qcow2Header.read(file)).withExtension(Qcow2Header.DATA_FILE_EXTENSION,
                    values.text(Qcow2Settings.DATA_FILE).get()).write();
        }
        if (before.isDataFileRaw() && !values.flag(Qcow2Settings.DATA_FILE_RAW).orElse(true)) {
            new HeaderCluster(file, Qcow2Header.read(file)).withLong(Qcow2Header.AUTOCLEAR_FIELD,
                    before.autoclear() & ~Qcow2Header.RAW_DATA_BIT).write();
        }
    }

    private void changeLaziness() throws IOException {
        Optional<Boolean> lazy = values.flag(Qcow2Settings.LAZY_REFCOUNTS);
        Qcow2Header header = Qcow2Header.read(file);
        if (lazy.isEmpty() || lazy.get() == header.isLazy() || header.version() < 3) {
            return;
        }
        if (header.isDirty()) {
            header = Qcow2Check.repairDirty(file, header);
        }
        new HeaderCluster(file, header).withLong(Qcow2Header.COMPATIBLE_FIELD, lazy.get()
                ? header.compatible() | Qcow2Header.LAZY_REFCOUNTS_BIT
                : header.compatible() & ~Qcow2Header.LAZY_REFCOUNTS_BIT).write();
    }
}
