package jkvm.app.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.FutureTask;

/** jkvm on its KVM in Java, in a process on this machine, its terminal two pipes. {@link #close()} kills it. */
public final class SoftTerminal extends GuestTerminal {
    private final Process process;
    private final FutureTask<Integer> run;

    /** Starts jkvm in the current directory, with these arguments after {@code -accel soft}. */
    public SoftTerminal(List<String> arguments) throws IOException {
        process = new ProcessBuilder(SoftRun.command(arguments)).redirectErrorStream(true).start();
        run = new FutureTask<>(() -> {
            process.getInputStream().transferTo(new Screen());
            return process.waitFor();
        }) {
            @Override
            protected void done() {
                ended();
            }
        };
        Thread.ofPlatform().daemon().name("soft terminal").start(run);
    }

    @Override
    FutureTask<Integer> run() {
        return run;
    }

    @Override
    OutputStream keyboard() {
        return process.getOutputStream();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
