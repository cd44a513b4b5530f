package jkvm.app;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import jkvm.app.options.UsageException;
import jkvm.machine.Machine;
import jkvm.machine.MachineExit;
import jkvm.machine.SnapshotScope;
import jkvm.machine.snapshot.VmSnapshotException;
import jkvm.state.StateException;

/** The snapshot that a machine begins with: {@code -loadvm}. */
final class StartSnapshot {
    private final String tag;
    private final CompletableFuture<Void> loaded;

    private StartSnapshot(String tag, CompletableFuture<Void> loaded) {
        this.tag = tag;
        this.loaded = loaded;
    }

    /**
     * Lets a machine that has not run begin so.
     *
     * @throws UsageException if that is not possible
     */
    static StartSnapshot load(Machine machine, String tag) {
        StartSnapshot snapshot = new StartSnapshot(tag, machine.snapshots().load(tag, SnapshotScope.ALL));
        snapshot.requireLoaded();
        snapshot.loaded.exceptionally(_ -> {
            machine.quit();
            return null;
        });
        return snapshot;
    }

    /** @throws UsageException if the machine could not take the snapshot over, and has ended without running */
    MachineExit check(MachineExit exit) {
        requireLoaded();
        return exit;
    }

    private void requireLoaded() {
        if (loaded.isCompletedExceptionally()) {
            try {
                loaded.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof VmSnapshotException || e.getCause() instanceof StateException
                        ? new UsageException("-loadvm " + tag + ": " + e.getCause().getMessage()) : e;
            }
        }
    }
}
