package jkvm.control.guest;

import java.util.concurrent.CompletableFuture;
import jkvm.machine.Machine;
import jkvm.machine.MachineExit;

/** The thread that runs a guest's machine, and the end that it comes to. Any thread may call. */
final class GuestThread {
    private final Machine machine;
    private final Runnable afterwards;
    private final CompletableFuture<MachineExit> end = new CompletableFuture<>();
    /** Null before {@link #start()}. Guarded by this. */
    private Thread runner;

    /** @param afterwards is done on the thread, when the machine has ended */
    GuestThread(Machine machine, Runnable afterwards) {
        this.machine = machine;
        this.afterwards = afterwards;
    }

    /** @throws IllegalStateException if it was started before */
    synchronized void start() {
        if (runner != null) {
            throw new IllegalStateException("a guest starts once");
        }
        runner = Thread.ofPlatform().name("guest").group(outermostGroup()).start(this::run);
    }

    /** JShell waits for threads of the group in which its snippets run: a guest that one starts is none of these. */
    private static ThreadGroup outermostGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    private void run() {
        try {
            end.complete(machine.run());
        } catch (RuntimeException | Error e) {
            end.completeExceptionally(e);
        } finally {
            afterwards.run();
        }
    }

    synchronized boolean isStarted() {
        return runner != null;
    }

    /** How the machine ends. */
    CompletableFuture<MachineExit> end() {
        return end;
    }
}
