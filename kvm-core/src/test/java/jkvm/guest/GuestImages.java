package jkvm.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Checks that assembled images are what their sources make. A module's test uses it so:
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> shouldMatchTheirSources() {
 *     return GuestImages.check("examples", "src/main/guest", "src/main/resources/jkvm/examples");
 * }
 * }</pre>
 */
public final class GuestImages {
    private static final String ASSEMBLER = "kvm-core/src/test/java/jkvm/guest/Assembler.java";

    private GuestImages() {
    }

    /**
     * One test per source.
     *
     * @param module  the module's folder
     * @param sources the folder of sources in the module
     * @param images  the folder of images in the module
     */
    public static Stream<DynamicTest> check(String module, String sources, String images) {
        Path imageFolder = folder(module, images);
        List<Path> files = Assembler.sources(folder(module, sources));
        assertFalse(files.isEmpty(), "no guest sources in " + module + "/" + sources);
        String refresh = "refresh with: java %s %s/%s %s/%s".formatted(ASSEMBLER, module, sources, module, images);
        return files.stream().map(source -> dynamicTest(source.getFileName().toString(),
                () -> check(source, imageFolder.resolve(Assembler.imageName(source)), refresh)));
    }

    /** A folder of a module, found from the module's own folder (Maven) and from the top of the tree. */
    public static Path folder(String module, String path) {
        Path fromTop = Path.of(module, path);
        return Files.isDirectory(Path.of(module)) ? fromTop : Path.of("..").resolve(fromTop);
    }

    private static void check(Path source, Path image, String refresh) throws IOException {
        assertTrue(Files.exists(image), image + " is missing; " + refresh);
        assumeTrue(Assembler.isAvailable(), "as and ld are not installed: images are not compared with their sources");
        assertArrayEquals(Assembler.assemble(source), Files.readAllBytes(image),
                image + " is not what its source makes; " + refresh);
    }
}
