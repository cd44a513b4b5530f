package jkvm.control.migrate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import jkvm.host.HostException;
import jkvm.host.image.NodeException;
import jkvm.linux.LinuxException;
import jkvm.state.StateException;

/** Waits for a machine that carries out a step, and tells why it did not. */
final class Steps {
    private Steps() {
    }

    /** @throws IOException with the machine's reason */
    static <T> T await(CompletableFuture<T> step) throws IOException {
        try {
            return step.join();
        } catch (CompletionException e) {
            throw switch (e.getCause()) {
                case IllegalStateException state -> new IOException(state.getMessage(), state);
                case StateException state -> new IOException(state.getMessage(), state);
                case NodeException refusal -> new IOException(refusal.getMessage(), refusal);
                case HostException refusal -> new IOException(refusal.getMessage(), refusal);
                case UncheckedIOException failure -> failure.getCause();
                case LinuxException failure -> new IOException(failure.getMessage(), failure);
                default -> throw e;
            };
        }
    }

    /** A failure as a sentence. */
    static String reason(Throwable e) {
        if (e instanceof CompletionException && e.getCause() != null) {
            return reason(e.getCause());
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
