package jkvm.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A process, its output watched for texts as they come. Ends with {@link #close()} or after 150 seconds. One thread.
 */
final class WatchedProcess implements AutoCloseable {
    private static final int MAX_SECONDS = 150;
    private final List<String> command;
    private final Process process;
    private final InputStream output;
    private final long start = System.nanoTime();
    private final StringBuilder unread = new StringBuilder();

    WatchedProcess(List<String> command) {
        this.command = command;
        try {
            process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        output = process.getInputStream();
        CompletableFuture.delayedExecutor(MAX_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
    }

    /**
     * Waits for the text, after what was awaited before.
     *
     * @return milliseconds from the start of the process until the text has come
     */
    double await(String text) {
        readTo(text);
        return milliseconds();
    }

    /** Since the start of the process. */
    double milliseconds() {
        return (System.nanoTime() - start) / 1e6;
    }

    /**
     * Reads on to the text.
     *
     * @return what has come before it since the last text that was awaited
     */
    String readTo(String text) {
        try {
            while (unread.length() < text.length() || unread.lastIndexOf(text) < 0) {
                int next = output.read();
                if (next < 0) {
                    throw new IllegalStateException("%s'%s' came, not '%s', from: %s".formatted(
                            milliseconds() < MAX_SECONDS * 1e3 ? "" : "in " + MAX_SECONDS + " seconds ", unread, text,
                            String.join(" ", command)));
                }
                unread.append((char) next);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String before = unread.substring(0, unread.length() - text.length());
        unread.setLength(0);
        return before;
    }

    /**
     * Waits for the end.
     *
     * @return milliseconds from the start of the process to its end
     * @throws IllegalStateException if the exit code or the output since the last text is another
     */
    double awaitEnd(int exitCode, String expected) throws InterruptedException {
        String text;
        try {
            text = new String(output.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int code = process.waitFor();
        double time = milliseconds();
        if (code != exitCode || !text.equals(expected)) {
            throw new IllegalStateException("exit code %d, output '%s' of: %s".formatted(code, text,
                    String.join(" ", command)));
        }
        return time;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
