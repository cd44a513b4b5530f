package jkvm.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import jkvm.host.disk.UndoDisk;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.work.InputEntry;
import jkvm.work.InstructionClock;

/**
 * The past of a machine that replays a recording: takes the machine to any count of instructions, earlier or later. It
 * keeps the state of some moments, and repeats the run from the one before. The further back, the fewer they are.
 *
 * <p>Threads: {@link #begin}, {@link #seek} and {@link #proceed} are for one thread that is not the machine's; the
 * machine is paused then. The rest happens on the machine's thread and the vCPU's.
 */
public final class ReplayHistory {
    /** Moments that are kept. */
    private static final int MAX_MOMENTS = 16;
    /** Instructions between two moments, at first. */
    private static final long FIRST_INTERVAL = 4_000_000;
    /** A moment is kept so many instructions before one that is far from the last: steps back lead there. */
    private static final long NEARBY = 500_000;

    private final Machine machine;
    private final MachineSaver saver;
    private final InstructionClock clock;
    private final List<UndoDisk> disks;
    /** Guarded by this, as all below. */
    private final List<Moment> moments = new ArrayList<>();
    private long interval = FIRST_INTERVAL;
    private long target = Long.MAX_VALUE;

    /** A moment to return to. */
    private record Moment(long count, MachineSnapshot snapshot) {
    }

    ReplayHistory(Machine machine, MachineSaver saver, InstructionClock clock, List<UndoDisk> disks) {
        this.machine = machine;
        this.saver = saver;
        this.clock = clock;
        this.disks = List.copyOf(disks);
    }

    /** Keeps the past from now on. */
    public CompletableFuture<Void> begin() {
        return machine.quiesced(() -> {
            keep();
            return null;
        });
    }

    /** The count at which the machine is. Exact while it is paused. */
    public long count() {
        return clock.count();
    }

    /** The first count to which it can be taken. */
    public synchronized long first() {
        return moments.isEmpty() ? clock.count() : moments.getFirst().count;
    }

    /** The last count to which it can be taken: an instruction before the recording's end. Empty if that is open. */
    public OptionalLong last() {
        InputEntry last = clock.log().last();
        return last != null && last.channel().equals(MachineInputs.END)
                ? OptionalLong.of(Math.max(0, last.count() - 1)) : OptionalLong.empty();
    }

    /**
     * Takes the machine to a count, which it reaches running: it stops there for its debugger, as at a breakpoint.
     *
     * @param count from {@link #first()} to {@link #last()}
     * @return true if the machine is there already, and stays paused; false if it runs
     */
    public boolean seek(long count) {
        MachineSnapshot from = momentBefore(count);
        if (from != null) {
            machine.rewind(from, this::revertDisks).join();
        }
        if (clock.count() >= count) {
            proceed();
            return true;
        }
        runTo(count);
        machine.resume().join();
        return false;
    }

    /** Lets the next resumption run until the recording's end. */
    public void proceed() {
        runTo(last().orElse(Long.MAX_VALUE));
    }

    /** Lets the next resumption stop at a count, or before. */
    public synchronized void runTo(long count) {
        target = count <= clock.count() ? Long.MAX_VALUE : count;
        arm();
    }

    /** The last moment up to a count, if the machine is not between the two; later moments are forgotten. */
    private synchronized MachineSnapshot momentBefore(long count) {
        if (clock.count() <= count) {
            return null;
        }
        while (moments.size() > 1 && moments.getLast().count > count) {
            moments.removeLast();
        }
        return moments.getLast().snapshot;
    }

    private synchronized void revertDisks() {
        disks.forEach(disk -> disk.revert(moments.size() - 1));
    }

    /** The clock stops the vCPU at the next count that matters. */
    private synchronized void arm() {
        if (moments.isEmpty()) {
            return;
        }
        long now = clock.count();
        long next = Math.max(now, moments.getLast().count) + interval;
        boolean isFar = target != Long.MAX_VALUE && target - moments.getLast().count > 2 * NEARBY;
        if (isFar && target - NEARBY > now) {
            next = Math.min(next, target - NEARBY);
        }
        clock.stopAt(Math.min(next, target), this::reached);
    }

    /** On the vCPU's thread. */
    private synchronized void reached() {
        if (clock.count() >= target) {
            target = Long.MAX_VALUE;
            var _ = machine.debug().stop();
        } else {
            var _ = begin();
        }
    }

    /** On the machine's thread, while all stands. */
    private synchronized void keep() {
        if (!moments.isEmpty() && moments.getLast().count >= clock.count()) {
            return;
        }
        if (moments.size() == MAX_MOMENTS) {
            thinOut();
        }
        moments.add(new Moment(clock.count(), saver.save()));
        disks.forEach(UndoDisk::mark);
        arm();
    }

    /** Forgets every second moment, but the first. */
    private void thinOut() {
        for (int i = moments.size() - 1; i > 0; i -= 2) {
            moments.remove(i);
            for (UndoDisk disk : disks) {
                disk.forget(i);
            }
        }
        interval *= 2;
    }
}
