package jkvm.host.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.HostFile;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.MeasuredSize;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Preallocation;
import jkvm.host.disk.Repair;
import jkvm.host.disk.qcow2.Qcow2Driver;
import jkvm.linux.Fd;
import jkvm.linux.Syscalls;

/**
 * Opens and creates disk images by name. A {@link Path} is a file, whatever characters it has; a text is a name as QEMU
 * reads it ({@link ImageDescription#parse}). The format is the one that the options name, else the one that the content
 * fits. Any thread may call.
 */
public final class DiskImages {
    private final Opener opener;

    public DiskImages(Syscalls syscalls) {
        this(syscalls, Map.of(), name -> { });
    }

    /**
     * @param secrets passphrases by their ids
     * @param guessed hears the name of each image that is opened for writing and whose format was guessed to be raw:
     *                writes to its first sector are restricted, and the user should name the format
     */
    public DiskImages(Syscalls syscalls, Map<String, byte[]> secrets, Consumer<String> guessed) {
        this.opener = new Opener(syscalls, Map.copyOf(secrets), guessed);
    }

    /** As {@link #open(ImageDescription, ImageOptions)}. */
    public DiskImage open(Path path, ImageOptions options) {
        return open(ImageDescription.ofPath(path.toString()), options);
    }

    /** As {@link #open(ImageDescription, ImageOptions)}, of a name as QEMU reads it. */
    public DiskImage open(String name, ImageOptions options) {
        return open(parse(name), options);
    }

    /**
     * Opens an image and its backing files.
     *
     * @return the image; the caller closes it
     * @throws DiskException if that is not possible
     */
    public DiskImage open(ImageDescription image, ImageOptions options) {
        if (options.temporary() && !options.readOnly()) {
            return overlay(image, opener.open(image, options.withReadOnly(true).withUnmap(false)), options);
        }
        return opener.open(image, options);
    }

    /**
     * Reads a name as QEMU does.
     *
     * @throws DiskException if it is none
     */
    public static ImageDescription parse(String name) {
        try {
            return ImageDescription.parse(name);
        } catch (ImageException e) {
            throw DiskException.of(name, null, e);
        }
    }

    /** The format with QEMU's name {@code name}; empty if it is not supported. */
    public static Optional<ImageFormat> format(String name) {
        return Formats.find(name).map(FormatDriver::format);
    }

    /** True if images of the format may have a backing image. */
    public static boolean hasBacking(ImageFormat format) {
        return Formats.driver(format).hasBacking();
    }

    /** The formats that are supported, by QEMU's names. */
    public static List<String> formats() {
        return Formats.DRIVERS.stream().map(each -> each.format().text()).sorted().toList();
    }

    /** The name by which a file that an image names is opened: relative paths start at the image's folder. */
    public static String backingPath(String image, String stored) {
        return ImageName.combine(image, stored);
    }

    Opener opener() {
        return opener;
    }

    private DiskImage overlay(ImageDescription image, DiskImage base, ImageOptions options) {
        Path folder = temporaryFolder(System.getenv("TMPDIR"));
        try {
            Path path = Files.createTempFile(folder, "jkvm-", ".qcow2");
            BlockFile file = HostFile.open(opener.syscalls(), path.toString(), Fd.O_RDWR, false);
            Files.delete(path);
            try {
                Formats.driver(ImageFormat.QCOW2).create(file, CreateValues.ofSize(base.capacity()),
                        opener.filesOf(path.toString()));
                return Qcow2Driver.openOver(file, base,
                        options.withReadOnly(false).withUnmap(true).withCache(CacheMode.UNSAFE));
            } catch (IOException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            Opener.closeQuietly(base);
            throw new DiskException(Kind.NO_TEMPORARY_FILE, image.text(), null,
                    "cannot make a temporary file in " + folder + " for the guest's writes", e);
        }
    }

    /** Where QEMU puts what a guest writes: not into memory, as {@code /tmp} may be. */
    static Path temporaryFolder(String wanted) {
        Path usual = Path.of("/var/tmp");
        return wanted != null && !wanted.isEmpty() ? Path.of(wanted)
                : Files.isWritable(usual) ? usual : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** The options of a format's new images, without those of the file under it. */
    public static List<CreateOption> formatOptions(ImageFormat format) {
        return Formats.driver(format).createOptions();
    }

    /**
     * The options of a format's new images, those of the file under it included, in the order in which QEMU prints
     * them.
     *
     * @return empty for a format that cannot be made
     */
    public static List<CreateOption> createOptions(ImageFormat format) {
        List<CreateOption> own = formatOptions(format);
        if (own.isEmpty()) {
            return own;
        }
        Set<String> names = own.stream().map(CreateOption::name).collect(Collectors.toSet());
        return Stream.concat(own.stream(), CreateOption.OF_FILE.stream().filter(each -> !names.contains(each.name())))
                .toList();
    }

    /**
     * The options that {@link ImageEditor#amend} takes.
     *
     * @return empty for a format whose images keep theirs
     */
    public static List<CreateOption> amendOptions(ImageFormat format) {
        return Formats.driver(format).amendOptions();
    }

    /**
     * Tells how large a new image's file will be.
     *
     * @param source the disk that is copied into it; empty for an empty one
     * @return empty for a format that cannot tell
     * @throws IOException if a value is wrong, or the source cannot be read
     */
    public Optional<MeasuredSize> measure(ImageFormat format, CreateValues values, Optional<DiskImage> source)
            throws IOException {
        values.check(createOptions(format));
        return Formats.driver(format).measure(values, source);
    }

    /** As {@link #create(String, ImageFormat, CreateValues)}, of a file's path. */
    public void create(Path path, ImageFormat format, CreateValues values) {
        create(ImageDescription.ofPath(path.toString()), format, values);
    }

    /**
     * Makes an image, in the place of a file that is there; a block device or server keeps what it holds where the
     * format does not write. If that is not possible, no new file is left.
     *
     * @throws DiskException if that is not possible
     */
    public void create(String name, ImageFormat format, CreateValues values) {
        create(parse(name), format, values);
    }

    private void create(ImageDescription image, ImageFormat format, CreateValues values) {
        FormatDriver driver = Formats.driver(format);
        Optional<Path> made = Optional.empty();
        try {
            values.check(createOptions(format));
            checkPreallocation(driver, values);
            driver.checkNew(values);
            if (image.file() instanceof ImageName.File named) {
                Path path = Path.of(named.path());
                made = Files.exists(path) ? Optional.empty() : Optional.of(path);
            }
            NamedFiles files = opener.filesOf(image.file().text());
            try (BlockFile file = opener.createFile(image.file())) {
                driver.create(file, values, files);
            }
        } catch (IOException e) {
            made.ifPresent(DiskImages::deleteQuietly);
            throw DiskException.of(image.text(), null, e);
        }
    }

    /** Refuses what the file under a format cannot do. */
    private static void checkPreallocation(FormatDriver driver, CreateValues values) throws IOException {
        boolean isFormats = driver.createOptions().stream().anyMatch(each ->
                each.name().equals(CreateOption.PREALLOCATION));
        if (!isFormats && Preallocation.of(values) == Preallocation.METADATA) {
            throw new ImageException(Kind.INVALID_OPTION, "Unsupported preallocation mode: metadata");
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException _) {
            // The error before this one matters more.
        }
    }

    /** As {@link #info(ImageDescription, ImageOptions)}, of a file's path. */
    public ImageInfo info(Path path, ImageOptions options) {
        return info(ImageDescription.ofPath(path.toString()), options);
    }

    /**
     * Describes an image without its backing files.
     *
     * @param options the format, and whether the file is locked meanwhile
     * @throws DiskException if it cannot be read
     */
    public ImageInfo info(ImageDescription image, ImageOptions options) {
        ImageOptions how = options.withReadOnly(true);
        try (BlockFile file = opener.openFile(image, how)) {
            ImageInfo info = opener.driver(image, file, how).info(file, opener.filesOf(image, how),
                    opener.properties(image, how));
            return info.backingFile() == null ? info
                    : info.withBackingPath(backingPath(image.file().text(), info.backingFile()));
        } catch (IOException e) {
            throw DiskException.of(image.text(), null, e);
        }
    }

    /**
     * The format that an image is opened with.
     *
     * @throws DiskException if it cannot be read
     */
    public ImageFormat formatOf(ImageDescription image, ImageOptions options) {
        ImageOptions how = options.withReadOnly(true);
        try (BlockFile file = opener.openFile(image, how)) {
            return opener.driver(image, file, how).format();
        } catch (IOException e) {
            throw DiskException.of(image.text(), null, e);
        }
    }

    /** As {@link #check(ImageDescription, ImageOptions, Repair, Consumer)}, of a file's path. */
    public Optional<CheckResult> check(Path path, ImageOptions options, Repair repair, Consumer<String> lines) {
        return check(ImageDescription.ofPath(path.toString()), options, repair, lines);
    }

    /**
     * Checks an image's tables, and repairs them if asked to.
     *
     * @param options the format, the cache mode, whether the file is locked
     * @param lines   takes a line of text for each error and each repair
     * @return empty for formats that cannot be checked
     * @throws DiskException if the check is not possible, or the repair has to be a wider one
     */
    public Optional<CheckResult> check(ImageDescription image, ImageOptions options, Repair repair,
            Consumer<String> lines) {
        ImageOptions how = options.withReadOnly(repair == Repair.NOTHING);
        Optional<CheckResult> result;
        try (BlockFile file = opener.openFile(image, how)) {
            result = opener.driver(image, file, how).check(file, repair, opener.filesOf(image, options), lines);
        } catch (IOException e) {
            throw DiskException.of(image.text(), null, e);
        }
        if (result.isEmpty()) {
            // There is no check, but an image that cannot be opened is an error all the same.
            Opener.closeQuietly(opener.open(image, how.withReadOnly(true)));
        }
        return result;
    }

    /** A change of an image as a whole. */
    @FunctionalInterface
    public interface Edit {
        void on(ImageEditor editor) throws IOException;
    }

    /**
     * Changes an image as a whole; it has no other user meanwhile.
     *
     * @throws DiskException                 if that is not possible
     * @throws UnsupportedOperationException if the image's format has no such change
     */
    public void edit(ImageDescription image, ImageOptions options, Edit edit) {
        ImageOptions how = options.withReadOnly(false);
        try (BlockFile file = opener.openFile(image, how)) {
            edit.on(opener.driver(image, file, how).editor(file, opener.filesOf(image, options)));
        } catch (IOException e) {
            throw DiskException.of(image.text(), null, e);
        }
    }

    /**
     * As {@link #edit}, for what only reads the image. While {@code reader} runs the image is open, and locked against
     * writers.
     */
    public void inspect(ImageDescription image, ImageOptions options, Edit reader) {
        ImageOptions how = options.withReadOnly(true);
        try (BlockFile file = opener.openFile(image, how)) {
            reader.on(opener.driver(image, file, how).editor(file, opener.filesOf(image, options)));
        } catch (IOException e) {
            throw DiskException.of(image.text(), null, e);
        }
    }
}
