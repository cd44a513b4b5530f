package jkvm.app.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * A command, typed at and watched by a test. One thread drives it. {@link #close()} ends the command. A subclass runs
 * it and shows what it writes.
 */
abstract class GuestTerminal implements AutoCloseable {
    private final StringBuilder shown = new StringBuilder();
    private int seen;

    /** Where the command's output goes. */
    final class Screen extends OutputStream {
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

    /** Runs the command to its exit status. */
    abstract FutureTask<Integer> run();

    /** The command's standard input. */
    abstract OutputStream keyboard();

    /** To be called when the command has ended. */
    final void ended() {
        synchronized (shown) {
            shown.notifyAll();
        }
    }

    /** Types text. The return key is {@code \r}. */
    public final void send(String text) throws IOException {
        keyboard().write(text.getBytes(StandardCharsets.ISO_8859_1));
        keyboard().flush();
    }

    /**
     * Waits until the terminal shows a text after what was expected last.
     *
     * @return what it showed since then, up to the end of the text
     * @throws AssertionError with all that was shown, if the text does not come in time or the command has ended
     */
    public final String expect(String text, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (shown) {
            while (true) {
                boolean over = run().isDone();
                int found = shown.indexOf(text, seen);
                if (found >= 0) {
                    String since = shown.substring(seen, found + text.length());
                    seen = found + text.length();
                    return since;
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || over) {
                    throw new AssertionError("\"%s\" %s; the terminal showed:%n%s".formatted(text,
                            over ? "was not shown before the command ended" : "did not come within " + timeout, shown));
                }
                shown.wait(left);
            }
        }
    }

    /** The command's exit status, when it has ended. */
    public final int exitStatus(Duration timeout) throws Exception {
        try {
            return run().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public abstract void close() throws IOException;
}
