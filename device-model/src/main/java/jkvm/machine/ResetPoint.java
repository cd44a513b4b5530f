package jkvm.machine;

import java.util.concurrent.CompletableFuture;

/**
 * A moment of a machine to which the same machine returns any number of times, fast: only what has changed since is
 * put back. These are the pages that vCPUs and devices wrote, the devices whose state differs, vCPUs, interrupt
 * controllers, clocks, and what the guest wrote to its disks. Any thread may call.
 *
 * {@snippet :
 * ResetPoint point = machine.mark().join();              // the machine goes on
 * for (int i = 0; i < 1000; i++) {
 *     point.restore().join();                            // and is at the point again
 * }
 * point.close();
 * }
 *
 * <p>A machine may have several points. A return to one ends those that were made later.
 *
 * <p>Not undone, as it is the host's: bytes that a chardev has given or taken, frames that went out, the user network,
 * whose connections go on and find a guest that does not know them; keys that wait for the guest. With time of the
 * host, the interval timer begins a period anew. A device that was plugged in or out since, or a medium that was
 * changed, makes {@link #restore()} fail, and the machine goes on as it was.
 */
public final class ResetPoint implements AutoCloseable {
    private final Machine machine;
    private final PointState state;

    ResetPoint(Machine machine, PointState state) {
        this.machine = machine;
        this.state = state;
    }

    PointState state() {
        return state;
    }

    /**
     * Takes the machine back to the point: one that runs goes on from there, one that is paused stays so.
     *
     * @return completes with an {@link IllegalStateException} if the point has ended, or the machine has other devices
     *         or media than at the point
     */
    public CompletableFuture<Void> restore() {
        return machine.restore(this);
    }

    /** How many pages the last return has put back. */
    public int lastPages() {
        return state.lastPages();
    }

    /** How many devices the last return has found changed. */
    public int lastDevices() {
        return state.lastDevices();
    }

    /** Ends the point and frees what it keeps. Twice is fine. */
    @Override
    public void close() {
        machine.forget(this);
    }
}
