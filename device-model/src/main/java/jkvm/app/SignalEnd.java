package jkvm.app;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jkvm.machine.ShutdownCause;

/**
 * Lets SIGTERM, SIGINT and SIGHUP end the process as the user's wish to quit does, with QEMU's exit code 0: the guest
 * stops, output is written out, files and sockets are removed. One of these per run, closed when all that is done. A
 * disk that does not answer holds the process up for less than a second; then it ends as the signal says, with a word
 * on what is lost.
 */
final class SignalEnd implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 900;

    private final QuitSwitch quit;
    private final PrintStream err;
    private volatile boolean isSignalled;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("signal-end").unstarted(this::end);

    private SignalEnd(QuitSwitch quit, PrintStream err) {
        this.quit = quit;
        this.err = err;
    }

    static SignalEnd install(QuitSwitch quit, PrintStream err) {
        SignalEnd end = new SignalEnd(quit, err);
        Runtime.getRuntime().addShutdownHook(end.hook);
        return end;
    }

    /** Runs when the JVM ends while a machine may run. A machine that is not whole yet ends with the process. */
    void end() {
        if (!quit.hasMachine()) {
            return;
        }
        isSignalled = true;
        quit.quit(ShutdownCause.HOST_SIGNAL);
        try {
            if (ended.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                Runtime.getRuntime().halt(0);
            }
            err.println("jkvm: terminated by a signal while a disk or another host side does not answer: what the guest"
                    + " has not flushed may be lost");
            err.flush();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The process is ending already, and the hook waits for what comes next. Either thread may end the process
            // from then on, so that the message has to be out before.
            if (isSignalled) {
                err.println("jkvm: terminated by a signal");
                err.flush();
            }
        }
        ended.countDown();
    }
}
