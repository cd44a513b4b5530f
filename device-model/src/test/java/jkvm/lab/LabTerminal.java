package jkvm.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * A command on the lab's terminal, typed at and watched by a test. One thread drives it. {@link #close()} ends the lab.
 */
public final class LabTerminal implements AutoCloseable {
    private static final int TYPE_AHEAD = 1 << 16;

    private final StringBuilder shown = new StringBuilder();
    private final PipedOutputStream keyboard = new PipedOutputStream();
    private final FutureTask<Integer> run;
    private final Thread thread;
    private int seen;

    /** Starts a command in a lab of its own, in the current directory. */
    public LabTerminal(List<String> command) throws IOException {
        PipedInputStream typed = new PipedInputStream(keyboard, TYPE_AHEAD);
        Lab lab = Lab.prepare(System.err::println);
        LabStreams streams = LabStreams.terminal(typed, new Screen());
        run = new FutureTask<>(() -> lab.run(LabJob.here(command), LabOptions.suitedTo(command), streams)) {
            @Override
            protected void done() {
                synchronized (shown) {
                    shown.notifyAll();
                }
            }
        };
        thread = Thread.ofPlatform().daemon().name("lab terminal").start(run);
    }

    private final class Screen extends OutputStream {
        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            synchronized (shown) {
                shown.append(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
                shown.notifyAll();
            }
        }
    }

    /** Types text. The return key is {@code \r}. */
    public void send(String text) throws IOException {
        keyboard.write(text.getBytes(StandardCharsets.ISO_8859_1));
        keyboard.flush();
    }

    /**
     * Waits until the terminal shows a text after what was expected last.
     *
     * @return what it showed since then, up to the end of the text
     * @throws AssertionError with all that was shown, if the text does not come in time or the command has ended
     */
    public String expect(String text, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (shown) {
            while (true) {
                int found = shown.indexOf(text, seen);
                if (found >= 0) {
                    String since = shown.substring(seen, found + text.length());
                    seen = found + text.length();
                    return since;
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || run.isDone()) {
                    throw new AssertionError("\"%s\" %s; the terminal showed:%n%s".formatted(text,
                            run.isDone() ? "was not shown before the command ended" : "did not come within " + timeout,
                            shown));
                }
                shown.wait(left);
            }
        }
    }

    /** The command's exit status, when it has ended. */
    public int exitStatus(Duration timeout) throws Exception {
        try {
            return run.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
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
