package jkvm.app.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.List;
import java.util.concurrent.FutureTask;

/** A command on the lab's terminal, in a lab of its own. {@link #close()} ends the lab. */
public final class LabTerminal extends GuestTerminal {
    private static final int TYPE_AHEAD = 1 << 16;

    private final PipedOutputStream keyboard = new PipedOutputStream();
    private final FutureTask<Integer> run;
    private final Thread thread;

    /** Starts a command in the current directory. */
    public LabTerminal(List<String> command) throws IOException {
        PipedInputStream typed = new PipedInputStream(keyboard, TYPE_AHEAD);
        Lab lab = Lab.prepare(System.err::println);
        LabStreams streams = LabStreams.terminal(typed, new Screen());
        run = new FutureTask<>(() -> lab.run(LabJob.here(command), LabOptions.suitedTo(command), streams)) {
            @Override
            protected void done() {
                ended();
            }
        };
        thread = Thread.ofPlatform().daemon().name("lab terminal").start(run);
    }

    @Override
    FutureTask<Integer> run() {
        return run;
    }

    @Override
    OutputStream keyboard() {
        return keyboard;
    }

    @Override
    public void close() throws IOException {
        thread.interrupt();
        keyboard.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
