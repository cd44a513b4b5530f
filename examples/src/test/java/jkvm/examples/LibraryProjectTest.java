package jkvm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import jkvm.guest.GuestImages;
import jkvm.guest.InstalledTools;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Installs jkvm as a library into a local repository of its own, and builds a project of ten lines against that. */
@Tag("lab")
@Timeout(600)
class LibraryProjectTest {
    private static final Path TOP = GuestImages.folder("examples", "..").toAbsolutePath().normalize();
    private static final List<String> LIBRARY = List.of("kvm-core", "bios", "device-model");
    private static final String VERSION = "0.1.0";

    @TempDir
    private Path folder;
    private Path repository;

    /** A local repository with all that the user's has but jkvm, so that Maven fetches nothing twice. */
    private void makeRepository() throws IOException {
        repository = Files.createDirectory(folder.resolve("repository"));
        Path usual = Path.of(System.getProperty("localRepository",
                System.getProperty("user.home") + "/.m2/repository"));
        try (Stream<Path> groups = Files.list(usual)) {
            for (Path group : (Iterable<Path>) groups::iterator) {
                if (!group.endsWith("jkvm")) {
                    Files.createSymbolicLink(repository.resolve(group.getFileName()), group);
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(from)) {
            return;
        }
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private String run(Path directory, String... command) throws Exception {
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // Of the Maven that runs this test, which sets the last one to the build's JDK: a user has Maven's own.
        builder.environment().keySet().removeIf(name -> name.startsWith("MAVEN_") || name.equals("JAVA_HOME"));
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(500, TimeUnit.SECONDS), "still running");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String text = Files.readString(log);
        assertEquals(0, process.exitValue(), text);
        return text;
    }

    private String maven(Path directory, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("mvn", "-B", "-Dmaven.repo.local=" + repository));
        command.addAll(List.of(words));
        return run(directory, command.toArray(String[]::new));
    }

    private Path jar(String artifact, String kind) {
        return repository.resolve("jkvm/%s/%s/%s-%s%s.jar".formatted(artifact, VERSION, artifact, VERSION, kind));
    }

    private static void assertHas(Path jar, String... entries) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (String entry : entries) {
                assertTrue(zip.getEntry(entry) != null, jar + " has no " + entry);
            }
        }
    }

    /** With the classes that this build has compiled already. */
    private void installLibrary() throws Exception {
        Path tree = folder.resolve("jkvm");
        for (String part : List.of("pom.xml", ".mvn", "examples/pom.xml", "benchmarks/pom.xml")) {
            Files.createDirectories(tree.resolve(part).getParent());
            copy(TOP.resolve(part), tree.resolve(part));
        }
        for (String module : LIBRARY) {
            for (String part : List.of("pom.xml", "src", "target/classes", "target/test-classes")) {
                Files.createDirectories(tree.resolve(module).resolve(part).getParent());
                copy(TOP.resolve(module).resolve(part), tree.resolve(module).resolve(part));
            }
        }
        maven(tree, "-pl", ".," + String.join(",", LIBRARY), "-DskipTests", "-Dcheckstyle.skip",
                "-Dmaven.compiler.useIncrementalCompilation=false", "install");
    }

    @Test
    void shouldBeALibraryWithSourcesAndJavadocForAProjectWithAModuleOfItsOwn() throws Exception {
        assumeTrue(InstalledTools.has("mvn"), "Maven is not installed");
        makeRepository();
        installLibrary();

        assertHas(jar("jkvm-core", "-sources"), "jkvm/vm/Vcpu.java", "module-info.java");
        assertHas(jar("jkvm-core", "-javadoc"), "jkvm.core/jkvm/vm/Vcpu.html");
        assertHas(jar("jkvm-bios", "-sources"), "jkvm/boot/EntryStates.java");
        assertHas(jar("jkvm-bios", "-javadoc"), "jkvm.bios/jkvm/boot/EntryStates.html");
        assertHas(jar("jkvm-devices", "-sources"), "jkvm/control/guest/Guest.java");
        assertHas(jar("jkvm-devices", "-javadoc"), "jkvm.devices/jkvm/control/guest/Guest.html");
        assertHas(jar("jkvm-devices", "-tests"), "jkvm/junit/GuestTest.class");
        try (ZipFile javadoc = new ZipFile(jar("jkvm-devices", "-javadoc").toFile())) {
            assertFalse(javadoc.stream().anyMatch(entry -> entry.getName().contains("jkvm/app/Main")), "not exported");
        }

        Path project = folder.resolve("project");
        copy(GuestImages.folder("examples", "src/test/library"), project);
        String log = maven(project, "-Dmaven.test.failure.ignore", "test");
        assertTrue(log.matches("(?s).*Tests run: [24], Failures: [12], Errors: 0, Skipped: [02].*"), log);
        assertTrue(log.contains("timed out after 1 second\nthe guest is RUNNING\n"), log);
        assertTrue(log.contains("serial0, all output:\nhello\n"), log);

        String modules = String.join(":", project.resolve("target/classes").toString(),
                jar("jkvm-devices", "").toString(), jar("jkvm-bios", "").toString(), jar("jkvm-core", "").toString());
        String out = run(project, Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-p", modules,
                "--enable-native-access=jkvm.core", "-m", "org.example/org.example.TenLines");
        assertEquals("A7\n", out);
    }
}
