package jkvm.host.image;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockFile.Access;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DirectFile;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.HostFile;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.nbd.NbdAddress;
import jkvm.host.disk.nbd.NbdFile;
import jkvm.linux.Fd;
import jkvm.linux.Syscalls;

/** Opens files, finds out their formats, and follows backing files. */
final class Opener {
    private final Syscalls syscalls;
    private final Map<String, byte[]> secrets;
    private final Consumer<String> guessed;

    Opener(Syscalls syscalls, Map<String, byte[]> secrets, Consumer<String> guessed) {
        this.syscalls = syscalls;
        this.secrets = secrets;
        this.guessed = guessed;
    }

    Syscalls syscalls() {
        return syscalls;
    }

    DiskImage open(ImageDescription image, ImageOptions options) {
        return open(image, options, ImageChain.from(image));
    }

    /** Opens the image below another one. */
    @FunctionalInterface
    interface Backings {
        DiskImage open(ImageDescription image, ImageOptions options, ImageChain chain) throws IOException;
    }

    private DiskImage open(ImageDescription image, ImageOptions asked, ImageChain chain) {
        BlockFile file = null;
        try {
            ImageChain whole = chain.with(image);
            file = openFile(image, asked);
            return open(layer(image, asked, file), file, whole, this::open);
        } catch (IOException e) {
            closeQuietly(file);
            throw chain.failure(image, e);
        } catch (RuntimeException e) {
            closeQuietly(file);
            throw e;
        }
    }

    /** Finds out the format of a file that is open. */
    ImageLayer layer(ImageDescription image, ImageOptions asked, BlockFile file) throws IOException {
        ImageOptions options = NodeOptions.apply(image.properties(), asked);
        if (options.snapshot().isPresent() && !options.readOnly()) {
            throw new IOException("a snapshot of it can be read only: open it read-only or temporarily");
        }
        return new ImageLayer(image, options, driver(image, file, options), file);
    }

    /**
     * Opens the image of a layer.
     *
     * @param file  closed by the image
     * @param chain down to this image
     */
    DiskImage open(ImageLayer layer, BlockFile file, ImageChain chain, Backings backings) throws IOException {
        ImageDescription image = layer.image();
        ImageOptions options = layer.options();
        BlockFile used = isGuessed(image, layer.driver(), options) ? guarded(image, file) : file;
        ImageOptions all = options.withProperties(properties(image, options));
        return layer.driver().open(used, all, new Files(image.file().text(), all, chain, backings));
    }

    /**
     * Opens the image of a layer over another image than it names.
     *
     * @param backing null for none
     */
    DiskImage openOver(ImageLayer layer, BlockFile file, DiskImage backing) throws IOException {
        ImageDescription image = layer.image();
        ImageOptions options = layer.options();
        BlockFile used = isGuessed(image, layer.driver(), options) ? guarded(image, file) : file;
        ImageOptions all = options.withProperties(properties(image, options));
        return layer.driver().open(used, all, new Files(image.file().text(), all, ImageChain.from(image), this::open) {
            @Override
            public DiskImage backing(String name, Optional<String> format) {
                return backing;
            }
        });
    }

    private static boolean isGuessed(ImageDescription image, FormatDriver driver, ImageOptions options) {
        return driver.format() == ImageFormat.RAW && !options.readOnly() && options.format().isEmpty()
                && image.driver().isEmpty();
    }

    private BlockFile guarded(ImageDescription image, BlockFile file) {
        guessed.accept(image.text());
        return new GuardedFile(file);
    }

    /** The settings of the format that options and description name. */
    Map<String, String> properties(ImageDescription image, ImageOptions options) {
        Map<String, String> properties = new HashMap<>(options.properties());
        properties.putAll(NodeOptions.without(image.properties()));
        return properties;
    }

    static void closeQuietly(AutoCloseable resource) {
        try (resource) {
            // Nothing more is done with it.
        } catch (Exception _) {
            // The failure that is being reported came first.
        }
    }

    /** The driver that the user names, else the one that the content fits. */
    FormatDriver driver(ImageDescription image, BlockFile file, ImageOptions options) throws IOException {
        FormatDriver driver;
        if (image.driver().isPresent()) {
            String name = image.driver().get();
            driver = Formats.find(name).orElseThrow(() ->
                    new ImageException(Kind.INVALID_OPTION, "Unknown driver '" + name + "'"));
        } else {
            ImageFormat format = options.format().isPresent() ? options.format().get() : Formats.probe(file);
            driver = Formats.find(format.text()).orElseThrow(() ->
                    new ImageException(Kind.UNUSABLE, "the format " + format.text() + " is not supported yet"));
        }
        Formats.check(driver, NodeOptions.without(image.properties()));
        return driver;
    }

    /** Opens an image's file as its properties want it. */
    BlockFile openFile(ImageDescription image, ImageOptions options) throws IOException {
        return openFile(image.file(), NodeOptions.apply(image.properties(), options));
    }

    private BlockFile openFile(ImageName name, ImageOptions options) throws IOException {
        BlockFile file = openUnused(name, options);
        try {
            file.access(options.readOnly() ? Access.READ : Access.WRITE, options.locked());
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Opens a file without its locks. */
    BlockFile openUnused(ImageName name, ImageOptions options) throws IOException {
        if (name instanceof ImageName.Remote remote) {
            return NbdFile.open(remote.properties().isEmpty() ? NbdAddress.parse(remote.text())
                    : NbdAddress.of(remote.text(), remote.properties()), !options.readOnly());
        }
        ImageName.File named = (ImageName.File) name;
        boolean direct = options.cache().isDirect();
        int flags = (options.readOnly() ? Fd.O_RDONLY : Fd.O_RDWR) | (direct ? Fd.O_DIRECT : 0);
        HostFile file = HostFile.open(syscalls, named.path(), flags, options.cache() != CacheMode.UNSAFE);
        return direct ? new DirectFile(file) : file;
    }

    /** Makes a file, or empties it once it is known to have no user. */
    BlockFile createFile(ImageName name) throws IOException {
        if (!(name instanceof ImageName.File named)) {
            // It is of a fixed size, as a block device is.
            return openFile(name, ImageOptions.WRITABLE);
        }
        HostFile file = HostFile.open(syscalls, named.path(), Fd.O_RDWR | Fd.O_CREAT, true);
        try {
            file.access(Access.WRITE, true);
            file.truncate(0);
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** The other files of an image that is made, and the secrets. */
    NamedFiles filesOf(String image) {
        return new Files(image, ImageOptions.WRITABLE.withLocked(false), ImageChain.of(image), this::open);
    }

    /** The other files of an image that is there, and the secrets. */
    NamedFiles filesOf(ImageDescription image, ImageOptions options) throws IOException {
        return new Files(image.file().text(), options.withProperties(properties(image, options)),
                ImageChain.from(image).with(image), this::open);
    }

    private class Files implements NamedFiles {
        private final String image;
        private final ImageOptions options;
        private final ImageChain chain;
        private final Backings backings;

        Files(String image, ImageOptions options, ImageChain chain, Backings backings) {
            this.image = image;
            this.options = options;
            this.chain = chain;
            this.backings = backings;
        }

        @Override
        public DiskImage backing(String name, Optional<String> format) throws IOException {
            ImageOptions how = ImageOptions.READ_ONLY.withCache(options.cache()).withLocked(options.locked());
            if (BackingChoice.isMade(options.properties())) {
                Optional<ImageDescription> chosen = BackingChoice.image(image, options.properties());
                return chosen.isEmpty() ? null : backings.open(chosen.get(), how, chain);
            }
            if (name == null) {
                return null;
            }
            Map<String, String> settings = BackingChoice.settings(options.properties());
            Optional<String> driver = Optional.ofNullable(settings.remove("driver")).or(() -> format);
            Optional<ImageFormat> told = driver.flatMap(DiskImages::format);
            if (driver.isPresent() && told.isEmpty()) {
                throw new IOException("its backing file " + name + " has the format " + driver.get()
                        + ", which is not supported");
            }
            return backings.open(ImageDescription.parse(ImageName.combine(image, name)).with(settings),
                    how.withFormat(told), chain);
        }

        @Override
        public Optional<String> setting(String name) {
            return Optional.ofNullable(options.properties().get(name));
        }

        @Override
        public BlockFile file(String name, boolean writable) throws IOException {
            return openFile(ImageName.parse(ImageName.combine(image, name)), options.withReadOnly(!writable));
        }

        @Override
        public BlockFile create(String name) throws IOException {
            if (!(ImageName.parse(ImageName.combine(image, name)) instanceof ImageName.File file)) {
                throw new ImageException(Kind.UNKNOWN_PROTOCOL, name + ": files only are made");
            }
            return createFile(file);
        }

        @Override
        public byte[] secret(String id) throws IOException {
            byte[] secret = secrets.get(id);
            if (secret == null) {
                throw new ImageException(Kind.INVALID_OPTION, "No secret with id '" + id + "'");
            }
            return secret;
        }
    }
}
