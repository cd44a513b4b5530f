package jkvm.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import jkvm.host.image.DiskHandover;
import jkvm.machine.snapshot.Lineage;
import jkvm.machine.snapshot.MachineConfiguration;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.memory.MissingPages;

/**
 * The steps by which a machine goes to another one and comes from one, without its RAM, which whoever carries the steps
 * out sends by himself. Any thread may call; the machine acts on its own thread. A future completes when it has, with
 * an {@link IllegalStateException} where the state does not allow it, with a {@link jkvm.host.HostException} where a
 * disk is in use.
 *
 * <p>A machine that leaves: {@link #stop}, {@link #save}, {@link #giveUpDisks}, then {@link #left} if the other one
 * goes on, {@link #stay} if not. One that comes: {@link #await} before it runs, {@link #load}, {@link #arrive}.
 */
public final class MachineMigration {
    private final MachineRequests requests;
    private final MachineLife life;
    private final MachineSaver saver;
    private final DiskHandover disks;
    private final MachineHold hold;
    private final boolean isRecorded;

    /** @param isRecorded the machine's inputs are recorded, or come from a recording */
    MachineMigration(MachineRequests requests, MachineLife life, MachineSaver saver, DiskHandover disks,
            MachineHold hold, boolean isRecorded) {
        this.requests = requests;
        this.life = life;
        this.saver = saver;
        this.disks = disks;
        this.hold = hold;
        this.isRecorded = isRecorded;
    }

    private CompletableFuture<Void> act(Runnable step) {
        return answer(() -> {
            step.run();
            return null;
        });
    }

    private <T> CompletableFuture<T> answer(Supplier<T> step) {
        AtomicReference<T> result = new AtomicReference<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        requests.post(new MachineRequest.Command(true, () -> {
            result.set(step.get());
            return null;
        }, done));
        return done.thenApply(_ -> result.get());
    }

    /** The facts in which the other machine has to agree. */
    public CompletableFuture<MachineConfiguration> configuration() {
        return answer(saver::configuration);
    }

    /** Stops the machine for its switch to another one, and answers the state that it was in. */
    public CompletableFuture<RunState> stop() {
        CompletableFuture<RunState> result = new CompletableFuture<>();
        stop(result);
        return result;
    }

    private void stop(CompletableFuture<RunState> result) {
        var _ = answer(this::stopUnlessAsked).whenComplete((before, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure instanceof CompletionException ? failure.getCause() : failure);
            } else if (before.isPresent()) {
                result.complete(before.get());
            } else {
                stop(result);
            }
        });
    }

    /** @return empty if the guest has asked for a reset or its end meanwhile, on which the machine acts first */
    private Optional<RunState> stopUnlessAsked() {
        if (isRecorded) {
            throw new IllegalStateException("a machine does not leave a recording or its replay");
        }
        RunState before = life.stopToLeave();
        if (requests.isUrgent()) {
            life.stayed(before);
            return Optional.empty();
        }
        return Optional.of(before);
    }

    /** The state of the machine that stands, without its RAM. */
    public CompletableFuture<MachineSnapshot> save() {
        return answer(saver::saveWithoutRam);
    }

    /** Saves all disks and lets the other machine have them. Where that fails they stay with this one. */
    public CompletableFuture<Void> giveUpDisks() {
        return act(() -> {
            try {
                disks.giveUp();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** The other machine goes on. A later {@link Machine#resume()} needs the disks, which that one may have. */
    public CompletableFuture<Void> left() {
        return act(life::left);
    }

    /**
     * The switch has failed: takes the disks back, and the machine goes on as before. Where it does not get the disks,
     * it stands as after {@link #left}.
     *
     * @param before the answer of {@link #stop}
     */
    public CompletableFuture<Void> stay(RunState before) {
        return act(() -> {
            try {
                disks.takeBack();
            } catch (RuntimeException e) {
                life.left();
                throw e;
            }
            life.stayed(before);
        });
    }

    /** Makes a machine that has not run wait for the state of another one. Its disks are away until then. */
    public CompletableFuture<Void> await() {
        life.expectArrival();
        return act(life::awaitArrival);
    }

    /**
     * Takes over the state of the other machine, whose RAM is in the state or in this one already. The machine waits
     * on.
     *
     * @return completes with a {@link jkvm.state.StateException} where the state does not fit
     */
    public CompletableFuture<Void> load(MachineSnapshot snapshot) {
        return act(() -> {
            saver.check(snapshot);
            try {
                saver.takeOver(snapshot, Lineage.CONTINUED, true, () -> { });
            } finally {
                hold.clocksLoaded();
            }
        });
    }

    /**
     * Takes the disks, and goes on from the state.
     *
     * @param as the state of the other machine before it stopped; one that ran runs here, unless this one is to stand
     */
    public CompletableFuture<Void> arrive(RunState as) {
        return act(() -> {
            disks.takeBack();
            life.arrived(as);
        });
    }

    /**
     * What lets the machine run before all of its RAM has come; empty where it cannot: on the host's KVM, and where
     * time is counted in instructions, which a wait would make depend on the other machine.
     */
    public Optional<MissingPages.Host> pageHost() {
        return saver.pageHost();
    }

    /**
     * The rest of the machine's RAM does not come any more: it stands, and does not go on. Whoever waits for pages has
     * been let go before.
     */
    public CompletableFuture<Void> lacksPages() {
        return act(life::lacksPages);
    }

    /** Ends the machine, whose state is half another one's: {@link Machine#run()} returns with status 1. */
    public void fail(String report) {
        requests.post(new MachineRequest.Failure(report, false));
    }

    /** Keeps the vCPUs from running for some time. */
    public CompletableFuture<Void> throttle(Duration time) {
        return act(() -> {
            hold.stopVcpus();
            LockSupport.parkNanos(time.toNanos());
        });
    }
}
