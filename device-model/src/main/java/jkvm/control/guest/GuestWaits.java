package jkvm.control.guest;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import jkvm.control.guest.GuestWaitException.Reason;

/** Waits for a machine. */
final class GuestWaits {
    private GuestWaits() {
    }

    /**
     * The result, or the exception that it completes with.
     *
     * @param inVain the message when the time is over
     */
    static <T> T get(CompletableFuture<T> result, Duration patience, Supplier<String> inVain) {
        try {
            return result.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (TimeoutException _) {
            throw new GuestWaitException(Reason.TIMED_OUT, inVain.get());
        } catch (InterruptedException _) {
            throw interrupted();
        }
    }

    static GuestWaitException interrupted() {
        Thread.currentThread().interrupt();
        return new GuestWaitException(Reason.INTERRUPTED, "interrupted while it waited for the guest");
    }
}
