package jkvm.app.lab;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jkvm.app.options.UsageException;

/**
 * A kernel of Debian's, fetched through apt and unpacked in the user's cache. A kernel that is there is used for good;
 * delete its folder to fetch a newer one.
 */
public final class LabKernel {
    private static final String GENERIC = "linux-image-amd64";
    private static final String CLOUD = "linux-image-cloud-amd64";
    private static final int GENERIC_MIB = 700;
    private static final int CLOUD_MIB = 250;
    private static final String ONLY_DEBIAN = "the lab's kernel comes from Debian's packages";
    private static final Pattern NAMED_VERSION = Pattern.compile("linux-image-\\d");
    /** How an xz stream begins: the compressed vmlinux in Debian's bzImage. */
    private static final byte[] XZ_MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};

    private final Path folder;

    private LabKernel(Path folder) {
        this.folder = folder;
    }

    /**
     * Debian's kernel for all machines, with KVM, 9p, e1000, ext4 and virtio as modules.
     *
     * @param progress told in a line before a download begins
     * @throws UsageException if it has to be fetched and something for that is missing
     */
    public static LabKernel generic(Consumer<String> progress) {
        return generic(LabCache.ofUser(System.getenv()), new LabTools(System.getenv("PATH")), progress);
    }

    /**
     * Debian's kernel for cloud guests, smaller: ext4, PCI, ACPI and PVH built in, virtio as modules; no e1000, no 9p.
     *
     * @param progress told in a line before a download begins
     * @throws UsageException if it has to be fetched and something for that is missing
     */
    public static LabKernel cloud(Consumer<String> progress) {
        return fetched(CLOUD, CLOUD_MIB, LabCache.ofUser(System.getenv()), new LabTools(System.getenv("PATH")),
                progress);
    }

    /**
     * The kernel of one of Debian's versions.
     *
     * @param packageName such as linux-image-6.1.0-50-amd64
     * @param progress    told in a line before a download begins
     * @throws UsageException if it has to be fetched and something for that is missing
     */
    static LabKernel ofPackage(String packageName, Consumer<String> progress) {
        return fetched(packageName, GENERIC_MIB, LabCache.ofUser(System.getenv()),
                new LabTools(System.getenv("PATH")), progress);
    }

    static LabKernel generic(LabCache cache, LabTools tools, Consumer<String> progress) {
        return fetched(GENERIC, GENERIC_MIB, cache, tools, progress);
    }

    private static LabKernel fetched(String metapackage, int mebibytes, LabCache cache, LabTools tools,
            Consumer<String> progress) {
        Path folder = cache.folder().resolve(metapackage);
        if (!Files.isDirectory(folder)) {
            cache.exclusively(() -> {
                if (!Files.isDirectory(folder)) {
                    fetch(metapackage, mebibytes, folder, cache, tools, progress);
                }
                return folder;
            });
        }
        return new LabKernel(folder);
    }

    private static void fetch(String metapackage, int mebibytes, Path folder, LabCache cache, LabTools tools,
            Consumer<String> progress) throws IOException {
        String aptCache = tools.require("apt-cache", ONLY_DEBIAN).toString();
        String aptGet = tools.require("apt-get", ONLY_DEBIAN).toString();
        String dpkg = tools.require("dpkg", ONLY_DEBIAN).toString();
        cache.requireSpace(mebibytes, "Debian's kernel");
        Path unfinished = folder.resolveSibling(metapackage + ".unfinished");
        LabCache.delete(unfinished);
        Files.createDirectories(unfinished);
        String packageName = NAMED_VERSION.matcher(metapackage).lookingAt() ? metapackage
                : newest(metapackage, tools.run(unfinished, List.of(aptCache, "depends", metapackage)));
        progress.accept("fetching %s through apt, once, into %s".formatted(packageName, folder));
        tools.run(unfinished, List.of(aptGet, "download", packageName));
        Path archive = only(unfinished, ".deb");
        tools.run(unfinished, List.of(dpkg, "-x", archive.toString(), unfinished.toString()));
        Files.writeString(unfinished.resolve("version"), archive.getFileName().toString());
        Files.delete(archive);
        unpackImage(unfinished, tools);
        Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String newest(String metapackage, byte[] dependencies) {
        return new String(dependencies, StandardCharsets.UTF_8).lines().map(String::strip)
                .filter(line -> line.startsWith("Depends: linux-image-"))
                .map(line -> line.substring("Depends: ".length())).findFirst()
                .orElseThrow(() -> new UsageException(
                        "apt knows no %s: run apt-get update; %s".formatted(metapackage, ONLY_DEBIAN)));
    }

    private static Path only(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).findFirst()
                    .orElseThrow(() -> new UsageException("apt-get left no *" + ending + " in " + folder));
        }
    }

    /** Unpacking the kernel here saves the emulated machine three seconds of each start. It works without, too. */
    private static void unpackImage(Path folder, LabTools tools) throws IOException {
        Optional<Path> xz = tools.find("xz");
        byte[] image = Files.readAllBytes(image(folder));
        int start = indexOf(image, XZ_MAGIC);
        if (xz.isEmpty() || start < 0) {
            return;
        }
        Path packed = folder.resolve("vmlinux.xz");
        Files.write(packed, Arrays.copyOfRange(image, start, image.length));
        Path vmlinux = folder.resolve("vmlinux");
        Process process = new ProcessBuilder(xz.get().toString(), "-dc", "--single-stream", packed.toString())
                .redirectOutput(vmlinux.toFile()).redirectError(new File("/dev/null")).start();
        try {
            if (process.waitFor() != 0) {
                Files.deleteIfExists(vmlinux);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(packed);
        }
    }

    static int indexOf(byte[] data, byte[] wanted) {
        for (int i = 0; i <= data.length - wanted.length; i++) {
            if (Arrays.equals(data, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }

    private static Path image(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("boot"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("vmlinuz-")).findFirst()
                    .orElseThrow(() -> new IOException("no vmlinuz in " + folder + "/boot: delete " + folder));
        }
    }

    /** The bzImage. */
    public Path image() {
        try {
            return image(folder);
        } catch (IOException e) {
            throw new UsageException("the lab's kernel is damaged: " + e.getMessage(), e);
        }
    }

    /** The same kernel as an ELF file with a PVH entry, where xz was there to unpack it. */
    public Optional<Path> elfImage() {
        return Optional.of(folder.resolve("vmlinux")).filter(Files::isRegularFile);
    }

    /** Which package and version this is. */
    public String version() {
        try {
            return Files.readString(folder.resolve("version"));
        } catch (IOException e) {
            throw new UsageException("the lab's kernel is damaged: delete " + folder, e);
        }
    }

    Path folder() {
        return folder;
    }
}
