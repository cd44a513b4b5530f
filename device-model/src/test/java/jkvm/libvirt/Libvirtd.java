package jkvm.libvirt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jkvm.app.lab.LabRun;
import jkvm.app.lab.ProcessTerminal;
import jkvm.app.lab.SoftRun;

/**
 * A libvirtd with a host name, folders and sockets of its own, and virsh connected to it; this checkout's launcher is
 * its emulator. {@link #close()} ends the daemon and all domains.
 */
final class Libvirtd {
    private static final Path LAUNCHER = Path.of("..", "jkvm").toAbsolutePath().normalize();
    private static final Duration START = Duration.ofSeconds(30);
    /** The first start of a domain may build jkvm. */
    private static final Duration COMMAND = Duration.ofMinutes(3);

    private final Path folder;
    private final Process host;

    private Libvirtd(Path folder, Process host) {
        this.folder = folder;
        this.host = host;
    }

    /**
     * Starts one. Skips the test where libvirt's QEMU driver is not installed, or namespaces are not allowed.
     *
     * @param number tells hosts apart, 0 to 9
     */
    static Libvirtd start(Path folder, int number) throws IOException, InterruptedException {
        for (String tool : List.of("libvirtd", "virtlogd", "virsh", "unshare")) {
            assumeTrue(find(tool).isPresent(), tool + " is not installed: see the packages in .ci/run");
        }
        assumeTrue(new ProcessBuilder("unshare", "--mount", "--uts", "--propagation", "private", "sh", "-c",
                "hostname host && mount -t tmpfs run /run").start().waitFor() == 0,
                "may not make a mount namespace for libvirtd");
        Path configuration = Files.createDirectories(folder.resolve("etc"));
        Files.writeString(configuration.resolve("qemu.conf"), text("qemu.conf"));
        Files.writeString(configuration.resolve("libvirtd.conf"),
                text("libvirtd.conf").replace("@FOLDER@", folder.toString()).replace("@NUMBER@", "" + number));
        Path script = folder.resolve("host.sh");
        Files.writeString(script, text("host.sh"));
        Process host = new ProcessBuilder("unshare", "--mount", "--uts", "--propagation", "private", "sh",
                script.toString(), folder.toString(), "host" + number)
                .redirectErrorStream(true).redirectOutput(folder.resolve("host.log").toFile()).start();
        Libvirtd started = new Libvirtd(folder, host);
        started.awaitDaemon();
        return started;
    }

    private static Optional<Path> find(String tool) {
        return Stream.of("/usr/sbin", "/usr/bin").map(bin -> Path.of(bin, tool)).filter(Files::isExecutable)
                .findFirst();
    }

    private static String text(String resource) {
        try (InputStream in = Libvirtd.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks until the daemon answers. */
    private void awaitDaemon() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (new ProcessBuilder(words("version")).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() != 0) {
            if (!host.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("libvirtd does not answer:\n" + Files.readString(folder.resolve("host.log")));
            }
        }
    }

    /** How virsh and other hosts reach this one. */
    String address() {
        return "qemu:///system?socket=" + folder.resolve("libvirt-sock");
    }

    private List<String> words(String... command) {
        List<String> words = new ArrayList<>(List.of("virsh", "-q", "-c", address()));
        words.addAll(List.of(command));
        return words;
    }

    /** Runs virsh to its end. */
    LabRun.Result run(String... command) throws Exception {
        return SoftRun.exec(words(command), COMMAND);
    }

    /**
     * What a virsh command that must succeed prints.
     *
     * @throws AssertionError if it fails, with what it says and the emulator's last words
     */
    String virsh(String... command) throws Exception {
        LabRun.Result result = run(command);
        assertEquals(0, result.exit(), () -> String.join(" ", command) + ": " + result.err() + emulatorLogs());
        return result.out().strip();
    }

    /** A domain's console, on a terminal as virsh demands. */
    ProcessTerminal console(String domain) throws IOException {
        return new ProcessTerminal(List.of("script", "-qec", String.join(" ", words("console", domain)), "/dev/null"));
    }

    /** Makes a domain known, from a template of this package. */
    void define(String template, String... namesAndValues) throws Exception {
        String xml = text(template).replace("@EMULATOR@", LAUNCHER.toString());
        for (int i = 0; i < namesAndValues.length; i += 2) {
            xml = xml.replace("@" + namesAndValues[i] + "@", namesAndValues[i + 1]);
        }
        virsh("define", Files.writeString(folder.resolve(template), xml).toString());
    }

    /** The daemon ends and begins anew; domains go on running. */
    void restart() throws IOException, InterruptedException {
        Path socket = folder.resolve("libvirt-sock");
        Files.delete(socket);
        host.getOutputStream().write("restart\n".getBytes(StandardCharsets.US_ASCII));
        host.getOutputStream().flush();
        awaitDaemon();
    }

    private String emulatorLogs() {
        StringBuilder logs = new StringBuilder();
        try (Stream<Path> files = Files.list(folder.resolve("log/qemu"))) {
            for (Path file : files.toList()) {
                logs.append("\n== ").append(file.getFileName()).append('\n').append(Files.readString(file));
            }
        } catch (IOException e) {
            logs.append("\nno emulator was started: ").append(e.getMessage());
        }
        return logs.toString();
    }

    /** Ends it. */
    void close() throws Exception {
        for (String domain : run("list", "--name").out().lines().filter(name -> !name.isBlank()).toList()) {
            run("destroy", domain);
        }
        host.getOutputStream().close();
        if (!host.waitFor(START.toMillis(), TimeUnit.MILLISECONDS)) {
            host.destroyForcibly();
            throw new AssertionError("libvirtd does not end:\n" + Files.readString(folder.resolve("host.log")));
        }
    }
}
