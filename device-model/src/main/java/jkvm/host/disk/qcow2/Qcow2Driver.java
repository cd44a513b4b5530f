package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.MeasuredSize;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Preallocation;
import jkvm.host.disk.Repair;
import jkvm.host.disk.luks.CipherFile;
import jkvm.json.Json;

/** qcow2, versions 2 and 3. */
public final class Qcow2Driver implements FormatDriver {
    @Override
    public ImageFormat format() {
        return ImageFormat.QCOW2;
    }

    @Override
    public int probe(BlockFile file) throws IOException {
        return Qcow2Header.isQcow2(file) ? SURE : 0;
    }

    @Override
    public Set<String> openProperties() {
        return Set.of(Encryption.FORMAT, Encryption.KEY_SECRET);
    }

    @Override
    public boolean hasBacking() {
        return true;
    }

    @Override
    public DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        Qcow2Files all = openFiles(file, header, files, !options.readOnly());
        try {
            return options.snapshot().isPresent() ? Qcow2Image.openSnapshot(all, header, options.snapshot().get())
                    : Qcow2Image.open(all, header, options);
        } catch (IOException | RuntimeException e) {
            closeAfter(e, all::closeOthers);
            throw e;
        }
    }

    /** Opens the other files of an image. */
    static Qcow2Files openFiles(BlockFile file, Qcow2Header header, NamedFiles files, boolean writable)
            throws IOException {
        header.encryption().check(files);
        BlockFile data = header.hasDataFile() ? files.file(dataFile(header.dataFile()), writable) : file;
        CipherFile cipher = null;
        try {
            cipher = header.encryption().isNone() ? null : header.encryption().unlock(file, data, files);
            return new Qcow2Files(file, data, cipher, header.encryption().method() == Encryption.AES,
                    backing(header, files));
        } catch (IOException | RuntimeException e) {
            if (cipher != null) {
                cipher.forget();
            }
            closeAfter(e, data == file ? null : data);
            throw e;
        }
    }

    /** The backing image; null if there is none. */
    private static DiskImage backing(Qcow2Header header, NamedFiles files) throws IOException {
        return files.backing(header.backingFile(), Optional.ofNullable(header.backingFormat()));
    }

    /** @throws IOException if the backing image cannot be opened */
    static void requireBacking(Qcow2Header header, NamedFiles files) throws IOException {
        DiskImage backing = backing(header, files);
        if (backing != null) {
            // To have opened it is all that is needed.
            backing.close();
        }
    }

    private static void closeAfter(Exception cause, AutoCloseable file) {
        try (file) {
            // The failure that is being reported came first.
        } catch (Exception e) {
            cause.addSuppressed(e);
        }
    }

    /** QEMU looks for a data file from the folder that it runs in, not from the image's. */
    private static String dataFile(String name) {
        return Path.of(name).toAbsolutePath().toString();
    }

    /**
     * Opens an image with another backing image than it names, or with one though it names none.
     *
     * @param backing closed with the image
     */
    public static DiskImage openOver(BlockFile file, DiskImage backing, ImageOptions options) throws IOException {
        return Qcow2Image.open(Qcow2Files.of(file, backing), Qcow2Header.read(file), options);
    }

    @Override
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        Qcow2Header header = Qcow2Header.readUnchecked(file);
        List<InternalSnapshot> snapshots = header.snapshotCount() == 0 ? List.of()
                : new SnapshotTable(file, header).read();
        header.encryption().check(files);
        return ImageInfo.of(ImageFormat.QCOW2, header.size() & -DiskImage.SECTOR_SIZE, file.allocated())
                .withClusterSize(header.clusterSize()).withDirty(header.isDirty())
                .withEncrypted(!header.encryption().isNone())
                .withBacking(header.backingFile(), header.backingFormat()).withSnapshots(snapshots)
                .withSpecific(specific(file, header));
    }

    private static Json.Members specific(BlockFile file, Qcow2Header header) throws IOException {
        Json.Members version2 = Json.Members.empty().with("compat", header.version() >= 3 ? "1.1" : "0.10")
                .with("compression-type", header.compression().text())
                .with("refcount-bits", 1 << header.refcountOrder());
        if (!header.encryption().isNone()) {
            version2 = version2.with("encrypt", header.encryption().describe(file));
        }
        if (header.version() < 3) {
            return version2;
        }
        Json.Members all = version2.with("lazy-refcounts", header.isLazy()).with("corrupt", header.isCorrupt())
                .with("extended-l2", header.hasSubclusters());
        if (header.hasDataFile()) {
            all = all.with("data-file", header.dataFile()).with("data-file-raw", header.isDataFileRaw());
        }
        List<StoredBitmap> bitmaps = new BitmapDirectory(file, header).read();
        return bitmaps.isEmpty() ? all
                : all.with("bitmaps", new Json.Items(bitmaps.stream().map(Qcow2Driver::describe).toList()));
    }

    private static Json describe(StoredBitmap bitmap) {
        List<Json> flags = new ArrayList<>();
        if (bitmap.isInUse()) {
            flags.add(new Json.Text("in-use"));
        }
        if (bitmap.isEnabled()) {
            flags.add(new Json.Text("auto"));
        }
        return Json.Members.empty().with("flags", new Json.Items(flags)).with("name", bitmap.name())
                .with("granularity", 1L << bitmap.granularityBits());
    }

    @Override
    public List<CreateOption> createOptions() {
        return Qcow2Settings.OPTIONS;
    }

    @Override
    public List<CreateOption> amendOptions() {
        return Qcow2Amender.OPTIONS;
    }

    @Override
    public void checkNew(CreateValues values) throws IOException {
        Qcow2Creator.check(Qcow2Settings.of(values));
    }

    @Override
    public Optional<MeasuredSize> measure(CreateValues values, Optional<DiskImage> source) throws IOException {
        Qcow2Settings settings = Qcow2Settings.of(values);
        Qcow2Creator.check(settings);
        long keys = Bytes.roundUp(settings.keyBytes(), settings.clusterSize());
        boolean allocated = settings.backingFile() != null || settings.preallocation() == Preallocation.FALLOC
                || settings.preallocation() == Preallocation.FULL;
        return Optional.of(new Qcow2Measure(settings.clusterSize(), settings.features().extendedL2() ? 16 : 8,
                settings.refcountBits()).measure(settings.size(), allocated, source).plus(keys));
    }

    @Override
    public void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        Qcow2Settings settings = Qcow2Settings.of(values);
        String name = settings.features().dataFile();
        if (name == null) {
            Qcow2Creator.create(file, settings, files);
            Qcow2Preallocator.run(Qcow2Files.of(file, null), settings.preallocation());
            return;
        }
        try (BlockFile data = files.create(dataFile(name))) {
            data.truncate(Bytes.roundUp(settings.size(), DiskImage.SECTOR_SIZE));
            Qcow2Creator.create(file, settings, files);
            Qcow2Preallocator.run(new Qcow2Files(file, data, null, false, null), settings.preallocation());
        }
    }

    @Override
    public ImageEditor editor(BlockFile file, NamedFiles files) {
        return new Qcow2Editor(file, files);
    }

    @Override
    public Optional<CheckResult> check(BlockFile file, Repair repair, NamedFiles files, Consumer<String> lines)
            throws IOException {
        Qcow2Header header = Qcow2Header.readUnchecked(file);
        header.encryption().check(files);
        requireBacking(header, files);
        return Optional.of(Qcow2Check.check(file, header, repair, lines));
    }
}
