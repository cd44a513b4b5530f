package jkvm.app.lab;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.app.options.UsageException;
import jkvm.linux.Fd;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Terminal;

/** {@code jkvm lab}: jkvm itself, or any command, in an emulated machine that has a real KVM. */
public final class LabCommand {
    private static final String HELP = """
            usage: jkvm lab [OPTION...] -- JKVM-ARGUMENT...
                   jkvm lab [OPTION...] --exec -- COMMAND [ARGUMENT...]
                   jkvm lab --guest FOLDER
            Runs jkvm, or with --exec any command, in an emulated machine with AMD SVM over this machine's files,
            in this folder, on this terminal; the exit code is the command's.
              --cpus N       CPUs of the machine (default: 1; with more it is faster, and hangs now and then)
              --memory SIZE  its memory, in MiB or with K, M, G (default: 3G, more for a guest with a large -m)
              --exec         run a command instead of jkvm
              --prepare      fetch and prepare what it needs, and run nothing
              --guest FOLDER write a small Linux guest, vmlinuz and initrd.gz, for jkvm here or in the lab: it has
                             drivers, gets addresses by DHCP, serves a web page and gives a shell
            The first run fetches Debian's kernel through apt into the user's cache folder.
            Sockets, FIFOs and devices of this machine are not to be seen in the lab; /run and /dev/shm are its own.
            """;

    private LabCommand() {
    }

    /**
     * Uses the process's own standard streams for the job, so that they are passed on byte for byte or as a terminal.
     *
     * @param arguments those after {@code lab}
     * @param out       takes the help text
     * @param err       takes lines of progress
     * @return the exit code
     * @throws UsageException if the arguments are wrong or something that the lab needs is missing
     */
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        LabArguments parsed = LabArguments.parse(arguments);
        if (parsed.help()) {
            out.print(HELP);
            return 0;
        }
        if (parsed.guest().isPresent()) {
            LabGuest.write(parsed.guest().get(), line -> err.println("jkvm lab: " + line));
            return 0;
        }
        Lab lab = Lab.prepare(line -> err.println("jkvm lab: " + line));
        if (parsed.prepareOnly()) {
            return 0;
        }
        List<String> command = parsed.exec() ? parsed.words() : Lab.innerJkvm(parsed.words());
        return run(lab, LabJob.here(command), parsed);
    }

    private static int run(Lab lab, LabJob job, LabArguments parsed) {
        FfmSyscalls syscalls = new FfmSyscalls();
        Fd input = new Fd(syscalls, 0, "standard input");
        boolean in = Terminal.isTerminal(input);
        boolean out = Terminal.isTerminal(new Fd(syscalls, 1, "standard output"));
        boolean err = Terminal.isTerminal(new Fd(syscalls, 2, "standard error"));
        // Not System.out: it would hide that the reader is gone. Not closed: they are the process's.
        OutputStream stdout = new FileOutputStream(FileDescriptor.out);
        OutputStream stderr = new FileOutputStream(FileDescriptor.err);
        Fd window = new Fd(syscalls, out ? 1 : err ? 2 : 0, "terminal");
        // Where no raw mode is set, this terminal turns line feeds into new lines by itself.
        String settings = (in ? "" : "-opost ") + Terminal.size(window)
                .map(size -> "rows %d cols %d".formatted(size.rows(), size.columns())).orElse("");
        AtomicReference<Terminal> raw = new AtomicReference<>();
        try (OutputStream controlling = in && !out && !err ? new FileOutputStream("/dev/tty") : null) {
            OutputStream shown = out ? stdout : err ? stderr : controlling;
            LabStreams streams = new LabStreams(new FileInputStream(FileDescriptor.in), stdout, stderr,
                    shown == null ? OutputStream.nullOutputStream() : shown, in, out, err, settings);
            return lab.run(job, parsed.options(), streams,
                    () -> Terminal.makeRaw(input, false, false).ifPresent(raw::set), () -> Terminal.size(window));
        } catch (IOException e) {
            throw new UsageException("cannot open /dev/tty: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UsageException("interrupted", e);
        } finally {
            if (raw.get() != null) {
                raw.get().close();
            }
        }
    }
}
