package jkvm.control.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The host and the JVM in a few words. */
final class HostText {
    private static final String MODEL = "model name";

    private HostText() {
    }

    /** The processor and the kernel. */
    static String host() {
        return processor() + ", " + Runtime.getRuntime().availableProcessors() + " CPUs, "
                + System.getProperty("os.name") + " " + System.getProperty("os.version");
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith(MODEL)).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("unknown processor");
        } catch (IOException _) {
            return "unknown processor";
        }
    }

    /** The JDK. */
    static String jdk() {
        return System.getProperty("java.vm.name") + " " + Runtime.version() + ", " + System.getProperty("java.vendor");
    }
}
