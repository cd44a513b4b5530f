package jkvm.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import jkvm.bus.ConfigurationException;
import jkvm.lab.HostTerminal;
import jkvm.lab.Lab;
import jkvm.lab.LabJob;
import jkvm.lab.LabStreams;
import jkvm.linux.FfmSyscalls;

/** {@code jkvm lab}: jkvm itself, or any command, in an emulated machine that has a real KVM. */
public final class LabCommand {
    private static final String HELP = """
            usage: jkvm lab [OPTION...] -- JKVM-ARGUMENT...
                   jkvm lab [OPTION...] --exec -- COMMAND [ARGUMENT...]
            Runs jkvm, or with --exec any command, in an emulated machine with AMD SVM over this machine's files,
            in this folder, on this terminal; the exit code is the command's.
              --cpus N       CPUs of the machine (default: as many as here)
              --memory SIZE  its memory, in MiB or with K, M, G (default: 3G, more for a guest with a large -m)
              --exec         run a command instead of jkvm
              --prepare      fetch and prepare what it needs, and run nothing
            The first run fetches Debian's kernel through apt into the user's cache folder.
            Sockets, FIFOs and devices of this machine are not to be seen in the lab; /run and /dev/shm are its own.
            """;

    private LabCommand() {
    }

    /**
     * Uses the process's own standard streams for the job, so that they can be passed on byte for byte or as a terminal.
     *
     * @param arguments those after {@code lab}
     * @param out       takes the help text
     * @param err       takes lines of progress
     * @return the exit code
     * @throws ConfigurationException if the arguments are wrong or something that the lab needs is missing
     */
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        LabArguments parsed = LabArguments.parse(arguments);
        if (parsed.help()) {
            out.print(HELP);
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
        HostTerminal terminal = new HostTerminal(new FfmSyscalls());
        boolean in = terminal.isTerminal(0);
        boolean out = terminal.isTerminal(1);
        boolean err = terminal.isTerminal(2);
        // Not System.out: it would hide that the reader is gone. Not closed: they are the process's.
        OutputStream stdout = new FileOutputStream(FileDescriptor.out);
        OutputStream stderr = new FileOutputStream(FileDescriptor.err);
        int shownOn = out ? 1 : err ? 2 : 0;
        int[] size = terminal.windowSize(shownOn);
        // Where no raw mode is set, this terminal turns line feeds into new lines by itself.
        String settings = "rows %d cols %d%s".formatted(size[0], size[1], in ? "" : " -opost");
        Thread atExit = new Thread(terminal::restore, "terminal restore");
        Runtime.getRuntime().addShutdownHook(atExit);
        try (OutputStream controlling = in && !out && !err ? new FileOutputStream("/dev/tty") : null) {
            OutputStream shown = out ? stdout : err ? stderr : controlling;
            LabStreams streams = new LabStreams(new FileInputStream(FileDescriptor.in), stdout, stderr,
                    shown == null ? OutputStream.nullOutputStream() : shown, in, out, err, settings);
            return lab.run(job, parsed.options(), streams, in ? terminal::makeRaw : () -> { },
                    () -> terminal.windowSize(shownOn));
        } catch (IOException e) {
            throw new ConfigurationException("cannot open /dev/tty: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConfigurationException("interrupted", e);
        } finally {
            terminal.restore();
        }
    }
}
