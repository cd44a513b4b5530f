package jkvm.app.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.FutureTask;

/** A command in a process on this machine, its terminal two pipes. {@link #close()} kills it. */
public class ProcessTerminal extends GuestTerminal {
    private final Process process;
    private final FutureTask<Integer> run;

    /** Starts the command in the current directory. */
    public ProcessTerminal(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        run = new FutureTask<>(() -> {
            process.getInputStream().transferTo(new Screen());
            return process.waitFor();
        }) {
            @Override
            protected void done() {
                ended();
            }
        };
        Thread.ofPlatform().daemon().name("process terminal").start(run);
    }

    @Override
    final FutureTask<Integer> run() {
        return run;
    }

    @Override
    final OutputStream keyboard() {
        return process.getOutputStream();
    }

    @Override
    public final void close() {
        process.destroyForcibly();
    }
}
