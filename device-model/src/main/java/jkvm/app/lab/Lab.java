package jkvm.app.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import jkvm.app.options.UsageException;
import jkvm.linux.Terminal;

/**
 * Runs jobs in the lab, each in a machine of its own. Any thread may call, several at a time. A thread that is
 * interrupted while it runs a job kills the job's machine.
 */
public final class Lab {
    private static final int START_ATTEMPTS = 2;

    private final Path qemu;
    private final LabKernel kernel;
    private final Path initramfs;

    private Lab(Path qemu, LabKernel kernel, Path initramfs) {
        this.qemu = qemu;
        this.kernel = kernel;
        this.initramfs = initramfs;
    }

    /**
     * Makes the lab ready; the first time on a host this fetches a kernel.
     *
     * @param progress told in a line what takes long
     * @throws UsageException if a program or space is missing
     */
    public static Lab prepare(Consumer<String> progress) {
        return prepare(new LabTools(System.getenv("PATH")), LabCache.ofUser(System.getenv()), progress);
    }

    static Lab prepare(LabTools tools, LabCache cache, Consumer<String> progress) {
        Path qemu = tools.qemu();
        tools.busybox();
        LabKernel kernel = LabKernel.generic(cache, tools, progress);
        return new Lab(qemu, kernel, LabInitramfs.prepare(cache, kernel, tools));
    }

    /** The command that runs jkvm with these arguments, as this process runs it: same JDK, same build. */
    public static List<String> innerJkvm(List<String> arguments) {
        return InnerJvm.command(arguments);
    }

    /**
     * Runs a job to its end.
     *
     * @param whenStarted called when the job begins; from then on the terminal belongs to it
     * @param windowSize  rows and columns of the terminal, asked for now and then; null if they do not change
     * @return the job's exit status
     * @throws UsageException if the machine does not start or ends by itself
     */
    public int run(LabJob job, LabOptions options, LabStreams streams, Runnable whenStarted,
            Supplier<Optional<Terminal.Size>> windowSize) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try (LabMachine machine = new LabMachine(qemu, kernel, initramfs, options, folder(job, options, streams))) {
                return new LabSession(machine, streams, whenStarted, windowSize).run();
            } catch (LabSession.StuckException e) {
                if (attempt == START_ATTEMPTS) {
                    throw new UsageException("the lab failed: " + e.getMessage(), e);
                }
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw (InterruptedException) new InterruptedException("while the lab ran").initCause(e);
                }
                throw new UsageException("the lab failed: " + e.getMessage(), e);
            }
        }
    }

    /** A folder for one run, with the job in it. */
    private static Path folder(LabJob job, LabOptions options, LabStreams streams) {
        try {
            Path folder = Files.createTempDirectory("jkvm-lab");
            Files.writeString(folder.resolve("job"), job.script());
            Files.writeString(folder.resolve("settings"), settings(options, streams));
            return folder;
        } catch (IOException e) {
            throw new UsageException("the lab cannot write to %s: %s".formatted(
                    System.getProperty("java.io.tmpdir"), e.getMessage()), e);
        }
    }

    /** @see #run(LabJob, LabOptions, LabStreams, Runnable, Supplier) */
    public int run(LabJob job, LabOptions options, LabStreams streams) throws InterruptedException {
        return run(job, options, streams, () -> { }, null);
    }

    /** Variables for the lab's first process; init.sh tells what they mean. */
    private static String settings(LabOptions options, LabStreams streams) {
        StringBuilder settings = new StringBuilder();
        set(settings, "stdin", streams.stdinIsTerminal() ? "tty" : "pipe");
        set(settings, "stdout", streams.stdoutIsTerminal() ? "tty" : "pipe");
        set(settings, "stderr", streams.stderrIsTerminal() ? "tty" : "pipe");
        set(settings, "terminal", streams.hasTerminal() ? "yes" : "no");
        set(settings, "terminal_settings", streams.settings());
        set(settings, "network", options.network() ? "yes" : "no");
        StringBuilder ports = new StringBuilder();
        for (LabOptions.PortForward forward : options.forwards()) {
            if (forward.needsRelay()) {
                ports.append(options.cardPort(forward)).append(':').append(forward.port()).append(' ');
            }
        }
        set(settings, "loopback_ports", ports.toString());
        return settings.toString();
    }

    private static void set(StringBuilder settings, String name, String value) {
        settings.append(name).append('=').append(LabJob.quote(value)).append('\n');
    }
}
