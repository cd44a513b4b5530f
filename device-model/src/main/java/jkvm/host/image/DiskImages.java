package jkvm.host.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
import jkvm.host.disk.DirectFile;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.HostFile;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageLock;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Repair;
import jkvm.host.disk.qcow2.Qcow2Driver;
import jkvm.host.disk.raw.RawDriver;
import jkvm.host.disk.vdi.VdiDriver;
import jkvm.host.disk.vmdk.VmdkDriver;
import jkvm.host.disk.vpc.VpcDriver;
import jkvm.linux.Fd;
import jkvm.linux.Syscalls;

/** Opens and creates disk images by name. Any thread may call. */
public final class DiskImages {
    private static final int MAX_CHAIN = 16;
    private static final List<FormatDriver> DRIVERS = List.of(new RawDriver(), new Qcow2Driver(), new VdiDriver(),
            new VpcDriver(), new VmdkDriver());

    private final Syscalls syscalls;

    public DiskImages(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /**
     * Opens an image and its backing files.
     *
     * @return the image; the caller closes it
     * @throws DiskException if that is not possible
     */
    public DiskImage open(Path path, ImageOptions options) {
        if (options.temporary() && !options.readOnly()) {
            DiskImage base = open(path, options.withReadOnly(true).withUnmap(false), new ArrayList<>());
            return overlay(path, base, options);
        }
        return open(path, options, new ArrayList<>());
    }

    /** @param chain the images that lead to this one through their backing files */
    private DiskImage open(Path path, ImageOptions options, List<Path> chain) {
        Path top = chain.isEmpty() ? null : chain.getFirst();
        checkName(path, chain);
        BlockFile file = null;
        try {
            file = openFile(path, options);
            ImageFormat format = format(path, file, options);
            if (options.snapshot().isPresent() && !options.readOnly()) {
                throw new IOException("a snapshot of it can be read only: open it read-only or temporarily");
            }
            chain.add(path.toRealPath());
            return driver(format).open(file, options, new ImageFiles(path, options, chain));
        } catch (IOException e) {
            closeQuietly(null, file);
            throw failure(path, top, e);
        } catch (RuntimeException e) {
            closeQuietly(null, file);
            throw e;
        }
    }

    /** @param top the image whose chain the file is of; null if it is the first itself */
    private static DiskException failure(Path path, Path top, IOException cause) {
        return top == null ? DiskException.of(path, null, cause) : DiskException.of(top, path, cause);
    }

    private static void closeQuietly(DiskImage backing, BlockFile file) {
        try (backing; file) {
            // Nothing more is done with them.
        } catch (IOException _) {
            // The failure that is being reported came first.
        }
    }

    private static void checkName(Path path, List<Path> chain) {
        try {
            if (!Files.exists(path)) {
                throw new ImageException(Kind.NOT_FOUND, "no such file or directory");
            }
            if (chain.contains(path.toRealPath())) {
                throw loop(chain.getFirst(), path);
            }
        } catch (IOException e) {
            throw failure(path, chain.isEmpty() ? null : chain.getFirst(), e);
        }
        if (chain.size() > MAX_CHAIN) {
            throw new DiskException(Kind.TOO_MANY_BACKING_FILES, chain.getFirst(), null,
                    "it has more than " + MAX_CHAIN + " backing files", null);
        }
    }

    private static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw failure(path, null, e);
        }
    }

    private static DiskException loop(Path image, Path backingFile) {
        return new DiskException(Kind.BACKING_LOOP, image, null, "its backing files form a loop at " + backingFile,
                null);
    }

    BlockFile openFile(Path path, ImageOptions options) throws IOException {
        boolean direct = options.cache().isDirect();
        int flags = (options.readOnly() ? Fd.O_RDONLY : Fd.O_RDWR) | (direct ? Fd.O_DIRECT : 0);
        HostFile file = HostFile.open(syscalls, path.toString(), flags, options.cache() != CacheMode.UNSAFE);
        try {
            if (options.locked()) {
                ImageLock.acquire(file.fd(), !options.readOnly());
            }
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return direct ? new DirectFile(file) : file;
    }

    private static ImageFormat probe(BlockFile file) throws IOException {
        FormatDriver best = null;
        int sure = 0;
        for (FormatDriver each : DRIVERS) {
            int answer = each.probe(file);
            if (answer > sure) {
                best = each;
                sure = answer;
            }
        }
        return best.format();
    }

    /** A guest's writes to a raw disk must not make it an image of another kind, the next time it is used. */
    private static ImageFormat format(Path path, BlockFile file, ImageOptions options) throws IOException {
        ImageFormat probed = probe(file);
        Optional<ImageFormat> told = options.format().or(() -> ImageFormat.ofSuffix(path.toString()));
        if (told.isEmpty()) {
            if (options.readOnly() && !options.temporary()) {
                return probed;
            }
            throw new ImageException(Kind.UNKNOWN_FORMAT, "its name does not tell the format");
        }
        ImageFormat format = told.get();
        if (format == ImageFormat.QCOW2 && probed == ImageFormat.RAW) {
            throw new ImageException(Kind.NOT_QCOW2, "not a qcow2 image"
                    + (options.format().isPresent() ? "" : ": name its format"));
        }
        if (format == ImageFormat.RAW && probed == ImageFormat.QCOW2
                && (!options.readOnly() || options.format().isEmpty())) {
            throw new ImageException(Kind.QCOW2_IN_RAW, "it begins as a qcow2 image does, and "
                    + (options.format().isPresent() ? "raw was asked for" : "its name says raw"));
        }
        return format;
    }

    /** The format with QEMU's name {@code name}; empty if it is not supported. */
    public static Optional<ImageFormat> format(String name) {
        return DRIVERS.stream().map(FormatDriver::format).filter(each -> each.text().equals(name)).findFirst();
    }

    private static FormatDriver driver(ImageFormat format) {
        return DRIVERS.stream().filter(each -> each.format() == format).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no driver for " + format.text()));
    }

    private DiskImage openBacking(Path path, String name, Optional<String> told, ImageOptions options,
            List<Path> chain) throws IOException {
        Path file = backingPath(path, name);
        Optional<ImageFormat> format = told.flatMap(DiskImages::format);
        if (told.isPresent() && format.isEmpty()) {
            throw new IOException("its backing file " + name + " has the format " + told.get()
                    + ", which is not supported");
        }
        if (told.isEmpty() && ImageFormat.ofSuffix(name).isEmpty()) {
            throw new ImageException(Kind.UNKNOWN_BACKING_FORMAT, "it does not say which format its backing file "
                    + name + " has");
        }
        ImageOptions readOnly = new ImageOptions(format, true, options.cache(), false, false, Optional.empty(),
                options.locked());
        return open(file, readOnly, chain);
    }

    /**
     * Where a backing file is.
     *
     * @param image the file that names it
     * @param name  as it is stored
     * @throws IOException if it is not the name of a file
     */
    public static Path backingPath(Path image, String name) throws IOException {
        if (name.startsWith("json:")) {
            throw new IOException("its backing file is described by json:, which is not supported");
        }
        String path = name.startsWith("file:") ? name.substring("file:".length()) : name;
        if (path.indexOf('\0') >= 0) {
            throw new IOException("its backing file's name is damaged");
        }
        int colon = path.indexOf(':');
        if (colon > 0 && path.lastIndexOf('/', colon) < 0) {
            throw new IOException("its backing file " + name + " is not a file: the protocol "
                    + path.substring(0, colon) + " is not supported");
        }
        return image.resolveSibling(path);
    }

    private DiskImage overlay(Path image, DiskImage base, ImageOptions options) {
        Path folder = temporaryFolder(System.getenv("TMPDIR"));
        try {
            Path path = Files.createTempFile(folder, "jkvm-", ".qcow2");
            BlockFile file = HostFile.open(syscalls, path.toString(), Fd.O_RDWR, false);
            Files.delete(path);
            try {
                driver(ImageFormat.QCOW2).create(file, CreateValues.ofSize(base.capacity()), new ImageFiles(path));
                return Qcow2Driver.openOver(file, base,
                        options.withReadOnly(false).withUnmap(true).withCache(CacheMode.UNSAFE));
            } catch (IOException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            closeQuietly(base, null);
            throw new DiskException(Kind.NO_TEMPORARY_FILE, image, null,
                    "cannot make a temporary file in " + folder + " for the guest's writes", e);
        }
    }

    /** Where QEMU puts what a guest writes: not into memory, as {@code /tmp} may be. */
    static Path temporaryFolder(String wanted) {
        Path usual = Path.of("/var/tmp");
        return wanted != null && !wanted.isEmpty() ? Path.of(wanted)
                : Files.isWritable(usual) ? usual : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /**
     * The options of a format's new images, those of the file under it included, in the order in which QEMU prints
     * them.
     *
     * @return empty for a format that cannot be made
     */
    public static List<CreateOption> createOptions(ImageFormat format) {
        List<CreateOption> own = driver(format).createOptions();
        if (own.isEmpty()) {
            return own;
        }
        Set<String> names = own.stream().map(CreateOption::name).collect(Collectors.toSet());
        return Stream.concat(own.stream(), CreateOption.OF_FILE.stream().filter(each -> !names.contains(each.name())))
                .toList();
    }

    /**
     * Makes an image, in the place of a file that is there; a block device keeps what it holds where the format does
     * not write. If that is not possible, no new file is left.
     *
     * @throws DiskException if that is not possible
     */
    public void create(Path path, ImageFormat format, CreateValues values) {
        FormatDriver driver = driver(format);
        boolean isNew = !Files.exists(path);
        try {
            values.check(createOptions(format));
            driver.checkNew(values);
            // Emptied only once it is known to have no user.
            try (HostFile file = HostFile.open(syscalls, path.toString(), Fd.O_RDWR | Fd.O_CREAT, true)) {
                ImageLock.acquire(file.fd(), true);
                file.truncate(0);
                driver.create(file, values, new ImageFiles(path));
            }
        } catch (IOException e) {
            if (isNew) {
                deleteQuietly(path);
            }
            throw DiskException.of(path, null, e);
        }
    }

    /** The other files of an image. */
    private final class ImageFiles implements NamedFiles {
        private final Path image;
        private final ImageOptions options;
        private final List<Path> chain;

        /**
         * @param options the image's
         * @param chain   the images that lead to its backing files, this one included
         */
        ImageFiles(Path image, ImageOptions options, List<Path> chain) {
            this.image = image;
            this.options = options;
            this.chain = chain;
        }

        /** The files of an image that is made or described. */
        ImageFiles(Path image) {
            this(image, ImageOptions.READ_ONLY.withLocked(false), new ArrayList<>());
        }

        @Override
        public DiskImage backing(String name, Optional<String> format) throws IOException {
            return openBacking(image, name, format, options, chain);
        }

        @Override
        public BlockFile file(String name, boolean writable) throws IOException {
            return openFile(backingPath(image, name), options.withReadOnly(!writable));
        }

        @Override
        public BlockFile create(String name) throws IOException {
            HostFile file = HostFile.open(syscalls, backingPath(image, name).toString(), Fd.O_RDWR | Fd.O_CREAT, true);
            try {
                ImageLock.acquire(file.fd(), true);
                file.truncate(0);
                return file;
            } catch (IOException e) {
                file.close();
                throw e;
            }
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException _) {
            // The error before this one matters more.
        }
    }

    /**
     * Describes an image without its backing files.
     *
     * @param options the format, and whether the file is locked meanwhile
     * @throws DiskException if it cannot be read
     */
    public ImageInfo info(Path path, ImageOptions options) {
        checkName(path, List.of());
        try (BlockFile file = openFile(path, options.withReadOnly(true))) {
            ImageInfo info = driver(format(path, file, options.withReadOnly(true))).info(file);
            return info.backingFile() == null ? info : info.withBackingPath(backingPath(path, info.backingFile()));
        } catch (IOException e) {
            throw DiskException.of(path, null, e);
        }
    }

    /**
     * Checks a qcow2 image's tables, and repairs them if asked to.
     *
     * @param options the format, the cache mode, whether the file is locked
     * @param lines   takes a line of text for each error and each repair
     * @return empty for formats that cannot be checked
     * @throws DiskException if the check is not possible, or the repair has to be a wider one
     */
    public Optional<CheckResult> check(Path path, ImageOptions options, Repair repair, Consumer<String> lines) {
        checkName(path, List.of());
        ImageOptions used = options.withReadOnly(repair == Repair.NOTHING);
        List<Path> chain = new ArrayList<>(List.of(realPath(path)));
        try (BlockFile file = openFile(path, used)) {
            // Which format it is does no harm here: a file that is no qcow2 image is not written to.
            return driver(format(path, file, used.withReadOnly(true))).check(file, repair,
                    (name, format) -> openBacking(path, name, format, options.withReadOnly(true), chain), lines);
        } catch (IOException e) {
            throw DiskException.of(path, null, e);
        }
    }
}
