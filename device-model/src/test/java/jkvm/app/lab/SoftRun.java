package jkvm.app.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** jkvm on its KVM in Java, in processes on this machine, for tests that boot guests. */
public final class SoftRun {
    private SoftRun() {
    }

    /** The command that runs jkvm with these arguments on the KVM in Java, from the classes under test. */
    public static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), "jkvm.app.Main",
                "-accel", "soft"));
        command.addAll(arguments);
        return command;
    }

    /**
     * Runs a command that reads nothing in the current directory.
     *
     * @throws AssertionError with what the command wrote, if it takes longer than the limit; it is killed then
     */
    public static LabRun.Result exec(List<String> command, Duration limit) throws Exception {
        Process process = new ProcessBuilder(command).start();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try {
            process.getOutputStream().close();
            Thread outReader = reader(process.getInputStream(), out);
            Thread errReader = reader(process.getErrorStream(), err);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("%s did not end within %s; stdout:%n%s%nstderr:%n%s".formatted(command, limit,
                        out, err));
            }
            outReader.join();
            errReader.join();
            return new LabRun.Result(process.exitValue(), out.toByteArray(), err.toByteArray());
        } finally {
            process.destroyForcibly();
        }
    }

    private static Thread reader(InputStream from, ByteArrayOutputStream into) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                from.transferTo(into);
            } catch (IOException e) {
                into.writeBytes(("\n" + e).getBytes());
            }
        });
    }

    /** Runs jkvm. @see #exec */
    public static LabRun.Result jkvm(List<String> arguments, Duration limit) throws Exception {
        return exec(command(arguments), limit);
    }

    /** busybox's web server for a folder, in the foreground; the caller destroys it. */
    static Process webServer(int port, Path folder) throws IOException {
        return new ProcessBuilder(new LabTools(System.getenv("PATH")).busybox().toString(), "httpd", "-f", "-p",
                "127.0.0.1:" + port, "-h", folder.toString())
                .inheritIO().start();
    }

    /** A TCP port of the loopback address that nothing listens on. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
