package jkvm.app;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jkvm.boot.BootException;
import jkvm.linux.Syscalls;

/** How to start jkvm as a process of its own, from the classes under test. */
final class JkvmProcess {
    private static final String RESOURCE = "demo/demo.bin";

    private JkvmProcess() {
    }

    /** The words that start jkvm, followed by its own {@code arguments}. */
    static List<String> command(String... arguments) {
        Stream<String> classes = Stream.of(Main.class, BootException.class, Syscalls.class).map(JkvmProcess::location);
        String classPath = Stream.concat(resources().stream(), classes).distinct().collect(Collectors.joining(":"));
        List<String> words = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                "-cp", classPath, Main.class.getName()));
        words.addAll(List.of(arguments));
        return words;
    }

    /** The folder or jar of a class; one of each module makes jkvm's class path, whatever loaded this test. */
    private static String location(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
    }

    /** The folder of resources, where it is not that of the classes. */
    private static Optional<String> resources() {
        String found = Main.class.getResource(RESOURCE).toString();
        String folder = found.substring(0, found.length() - "/jkvm/app/".length() - RESOURCE.length());
        return folder.startsWith("file:") ? Optional.of(Path.of(URI.create(folder)).toString()) : Optional.empty();
    }
}
