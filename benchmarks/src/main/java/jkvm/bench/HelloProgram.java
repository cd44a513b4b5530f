package jkvm.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The smallest Java program, compiled now, with a start-up cache of its own: prints a word and ends, or waits for
 * input.
 */
final class HelloProgram {
    static final String WORD = "hello";
    private static final String SOURCE = """
            void main(String[] args) throws Exception {
                System.out.print("hello");
                System.out.flush();
                if (args.length > 0) {
                    System.in.read();
                }
            }
            """;
    private final List<String> command;

    /** @param folder empty; gets the program and its cache */
    HelloProgram(Path folder) throws IOException, InterruptedException {
        Path source = folder.resolve("Hello.java");
        Path jar = folder.resolve("hello.jar");
        Path cache = folder.resolve("hello.aot");
        Files.writeString(source, SOURCE);
        run("javac", "-d", folder.resolve("classes").toString(), source.toString());
        run("jar", "--create", "--file", jar.toString(), "-C", folder.resolve("classes").toString(), ".");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        // The launcher's flags, so that the difference is jkvm's.
        List<String> start = List.of(java, "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xlog:disable");
        List<String> what = List.of("-cp", jar.toString(), "Hello");
        Process training = new ProcessBuilder(words(start, "-XX:AOTCacheOutput=" + cache, what))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        if (training.waitFor() != 0) {
            throw new IllegalStateException("no start-up cache of the Java program could be made");
        }
        command = words(start, "-XX:AOTCache=" + cache, what);
    }

    private static List<String> words(List<String> start, String cache, List<String> what) {
        return Stream.of(start, List.of(cache), what).flatMap(List::stream).toList();
    }

    private static void run(String tool, String... arguments) {
        if (ToolProvider.findFirst(tool).orElseThrow().run(System.out, System.err, arguments) != 0) {
            throw new IllegalStateException(tool + " failed");
        }
    }

    WatchedProcess start() {
        return new WatchedProcess(command);
    }

    WatchedProcess startWaiting() {
        return new WatchedProcess(Stream.concat(command.stream(), Stream.of("wait"))
                .toList());
    }
}
