package jkvm.app.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import jkvm.app.lab.LabMachine.LabPort;
import jkvm.linux.Terminal;

/**
 * One job in one machine: carries its streams and takes its exit status. The lab's side is init.sh; lines on the
 * control port are {@code started}, {@code fail REASON} and {@code exit STATUS BYTES_OF_STDOUT BYTES_OF_STDERR} from
 * the lab, the run's folder and {@code size ROWS COLUMNS} to it.
 */
final class LabSession {
    /** The shell's status for a writer whose reader is gone. */
    private static final int STATUS_BROKEN_PIPE = 128 + 13;
    private static final int WINDOW_POLL_MS = 500;
    private static final int START_LIMIT_MS = 90_000;

    private final LabMachine machine;
    private final LabStreams streams;
    private final Runnable whenStarted;
    private final Supplier<Optional<Terminal.Size>> windowSize;
    private final List<StreamRelay> output = new ArrayList<>();
    private volatile boolean late;

    /** The machine hangs before the job begins, as emulated machines with several CPUs now and then do. */
    static final class StuckException extends IOException {
        private static final long serialVersionUID = 1L;

        StuckException() {
            super("its machine did not start within " + START_LIMIT_MS / 1000 + " s");
        }
    }

    LabSession(LabMachine machine, LabStreams streams, Runnable whenStarted,
            Supplier<Optional<Terminal.Size>> windowSize) {
        this.machine = machine;
        this.streams = streams;
        this.whenStarted = whenStarted;
        this.windowSize = windowSize;
    }

    /**
     * @throws StuckException if the job has not begun in time; then it has not had any effect
     * @throws IOException    if the machine ends before the job does
     */
    int run() throws IOException, InterruptedException {
        StreamRelay stdout = relay(LabPort.STDOUT, streams.stdout());
        StreamRelay stderr = relay(LabPort.STDERR, streams.stderr());
        StreamRelay terminal = relay(LabPort.TERMINAL, streams.terminal());
        SocketChannel control = machine.channel(LabPort.CONTROL);
        BufferedReader lines = new BufferedReader(new InputStreamReader(Channels.newInputStream(control),
                StandardCharsets.UTF_8));
        tell(control, machine.folder().toString());
        awaitStart(lines);
        start(control);
        String[] exit;
        try {
            exit = next(lines, "exit", 4);
        } catch (IOException e) {
            if (refused()) {
                return STATUS_BROKEN_PIPE;
            }
            throw e;
        }
        stdout.await(Long.parseLong(exit[2]));
        stderr.await(Long.parseLong(exit[3]));
        machine.kill();
        terminal.join();
        return refused() ? STATUS_BROKEN_PIPE : Integer.parseInt(exit[1]);
    }

    private void awaitStart(BufferedReader lines) throws IOException {
        Thread limit = Thread.ofPlatform().daemon().name("lab start limit").start(() -> {
            try {
                Thread.sleep(START_LIMIT_MS);
                late = true;
                machine.kill();
            } catch (InterruptedException e) {
                System.getLogger("jkvm.app.lab").log(System.Logger.Level.DEBUG, "the machine is up");
            }
        });
        try {
            next(lines, "started", 1);
        } finally {
            limit.interrupt();
        }
    }

    /** The words of the lab's next line, which has to begin with {@code keyword}. */
    private String[] next(BufferedReader lines, String keyword, int words) throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw late ? new StuckException()
                    : new IOException("its machine ended by itself: " + machine.lastWords());
        }
        String[] found = line.split(" ");
        if (found[0].equals("fail")) {
            throw new IOException(line.substring(found[0].length()).strip());
        }
        if (!found[0].equals(keyword) || found.length != words) {
            throw new IOException("its machine says \"" + line + '"');
        }
        return found;
    }

    private StreamRelay relay(LabPort port, OutputStream to) {
        StreamRelay relay = new StreamRelay(port.name(), Channels.newInputStream(machine.channel(port)), to,
                machine::kill);
        output.add(relay);
        return relay;
    }

    private boolean refused() {
        return output.stream().anyMatch(StreamRelay::wasRefused);
    }

    private void start(SocketChannel control) {
        whenStarted.run();
        Thread.ofPlatform().daemon().name("lab STDIN").start(this::feed);
        if (windowSize != null && streams.hasTerminal()) {
            Thread.ofPlatform().daemon().name("lab window").start(() -> followWindow(control));
        }
    }

    private void feed() {
        SocketChannel to = machine.channel(streams.stdinIsTerminal() ? LabPort.TERMINAL : LabPort.STDIN);
        byte[] piece = new byte[1 << 16];
        try (InputStream from = streams.stdin()) {
            if (!streams.stdinIsTerminal()) {
                // The lab looks for this line before it takes the stream's end for its end.
                write(to, ByteBuffer.wrap(new byte[] {'\n'}));
            }
            for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
                write(to, ByteBuffer.wrap(piece, 0, count));
            }
            if (!streams.stdinIsTerminal()) {
                // Only this half: QEMU passes on what it has not read yet, then the end.
                to.shutdownOutput();
            }
        } catch (IOException e) {
            // The lab has ended; what comes from here on is no one's.
            System.getLogger("jkvm.app.lab").log(System.Logger.Level.DEBUG, "stdin", e);
        }
    }

    private void followWindow(SocketChannel control) {
        Optional<Terminal.Size> known = windowSize.get();
        try {
            while (true) {
                Thread.sleep(WINDOW_POLL_MS);
                Optional<Terminal.Size> now = windowSize.get();
                if (now.isPresent() && !now.equals(known)) {
                    known = now;
                    tell(control, "size %d %d".formatted(now.get().rows(), now.get().columns()));
                }
            }
        } catch (IOException | InterruptedException e) {
            System.getLogger("jkvm.app.lab").log(System.Logger.Level.DEBUG, "window", e);
        }
    }

    private static void tell(SocketChannel control, String line) throws IOException {
        write(control, StandardCharsets.UTF_8.encode(line + '\n'));
    }

    private static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }
}
