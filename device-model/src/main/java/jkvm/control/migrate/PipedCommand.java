package jkvm.control.migrate;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jkvm.linux.ProcessHold;
import jkvm.linux.Syscalls;

/** A command of the user's that a state goes through. */
final class PipedCommand {
    /** What its processes have to end by themselves. */
    private static final long PATIENCE_MILLIS = 100;

    private final Syscalls syscalls;
    private final Process process;

    private PipedCommand(Syscalls syscalls, Process process) {
        this.syscalls = syscalls;
        this.process = process;
    }

    /** @param isWritten true for one that reads the state, false for one that prints it */
    static PipedCommand start(Syscalls syscalls, String line, boolean isWritten) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", line)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        if (isWritten) {
            builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
        } else {
            builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        }
        return new PipedCommand(syscalls, builder.start());
    }

    OutputStream input() {
        return process.getOutputStream();
    }

    InputStream output() {
        return process.getInputStream();
    }

    /** Waits for its end. */
    int awaitStatus() {
        return process.onExit().join().exitValue();
    }

    /**
     * Ends it with those that it has started: each of them may hold the pipe open. By their handles, as {@link
     * Process#destroy} first waits for whoever writes to a pipe that nobody reads.
     */
    void end() {
        List<ProcessHandle> all = held();
        all.forEach(ProcessHandle::destroy);
        all.forEach(each -> ProcessHold.release(syscalls, each.pid()));
        CompletableFuture<?>[] ends = all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(ends).completeOnTimeout(null, PATIENCE_MILLIS, TimeUnit.MILLISECONDS).join();
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /** All of its processes, each held before its own are listed: none starts another one that nobody knows of. */
    private List<ProcessHandle> held() {
        Set<ProcessHandle> held = new LinkedHashSet<>();
        for (List<ProcessHandle> fresh = List.of(process.toHandle()); !fresh.isEmpty();
                fresh = process.descendants().filter(each -> !held.contains(each)).toList()) {
            fresh.forEach(each -> ProcessHold.hold(syscalls, each.pid()));
            held.addAll(fresh);
        }
        return List.copyOf(held);
    }
}
