package jkvm.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Turns guest sources ({@code .S}) into flat images ({@code .bin}) with GNU as and ld: the one place that knows how
 * guest programs are built. A source says where it runs in a comment, {@code # Link at 0x100000}; without one it is
 * linked at 0. A source of real mode code is linked at its offset in its segment.
 *
 * <p>It stands alone, so that a changed source is made into its image without a build:
 * {@code java kvm-core/src/test/java/jkvm/guest/Assembler.java SOURCES IMAGES}, two folders.
 */
public final class Assembler {
    private static final Pattern LINK_ADDRESS = Pattern.compile("(?m)^\\s*(?:#|//|\\*).*Link at (0x[0-9a-fA-F]+)");
    private static final String SOURCE_SUFFIX = ".S";
    private static final String IMAGE_SUFFIX = ".bin";

    private Assembler() {
    }

    /** Assembles all sources of the first folder into the second. */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("usage: java Assembler.java SOURCES IMAGES");
            System.exit(1);
        }
        Path images = Files.createDirectories(Path.of(args[1]));
        for (Path source : sources(Path.of(args[0]))) {
            Path image = images.resolve(imageName(source));
            Files.write(image, assemble(source));
            System.out.println(image);
        }
    }

    /** The sources in a folder, by name. */
    public static List<Path> sources(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SOURCE_SUFFIX)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name of a source's image: {@code hello.S} becomes {@code hello.bin}. */
    public static String imageName(Path source) {
        String name = source.getFileName().toString();
        return name.substring(0, name.length() - SOURCE_SUFFIX.length()) + IMAGE_SUFFIX;
    }

    /** True where as and ld are installed. */
    public static boolean isAvailable() {
        return Stream.of("as", "ld").allMatch(tool -> Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool))));
    }

    /** Assembles and links one source. Its folder is searched for what it includes. */
    public static byte[] assemble(Path source) {
        try {
            Path folder = Files.createTempDirectory("jkvm-guest");
            Path object = folder.resolve("guest.o");
            Path image = folder.resolve("guest.bin");
            try {
                run("as", "--64", "-mx86-used-note=no", "-I", source.toAbsolutePath().getParent().toString(),
                        "-o", object.toString(), source.toString());
                run("ld", "-m", "elf_x86_64", "-N", "-z", "noexecstack", "--build-id=none", "--no-warn-rwx-segments",
                        "-e", "0", "-Ttext", linkAddress(source), "--oformat", "binary",
                        "-o", image.toString(), object.toString());
                return Files.readAllBytes(image);
            } finally {
                Files.deleteIfExists(object);
                Files.deleteIfExists(image);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String linkAddress(Path source) throws IOException {
        Matcher matcher = LINK_ADDRESS.matcher(Files.readString(source));
        return matcher.find() ? matcher.group(1) : "0x0";
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ":\n" + output);
            }
        } catch (InterruptedException e) {
            process.destroy();
            throw new IllegalStateException(command[0] + " was interrupted", e);
        }
    }
}
