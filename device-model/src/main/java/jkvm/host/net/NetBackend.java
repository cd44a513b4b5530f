package jkvm.host.net;

/**
 * The host's end of the wire that a NIC is plugged into.
 *
 * <p><b>Threads.</b> {@link #send} is called by one thread at a time, any thread; {@link #receiveReady} and
 * {@link #offloadsChanged} by any. A backend calls its {@link NetDevice} from one thread at a time, its own, with no
 * lock held that {@link #send} or {@link #receiveReady} takes, so a device may call these with its own lock held. No
 * method blocks on the network.
 *
 * <p><b>Flow control.</b> Whoever answers false has not taken the frame and later says once that there is room again.
 * A frame is the caller's: the callee has used or copied it when the call returns.
 *
 * <p>In a steady state neither direction allocates memory.
 */
public interface NetBackend extends AutoCloseable {

    /** Plugs the NIC in; frames may arrive from now on. Called once, before all else. */
    void attach(NetDevice device);

    /** What {@link #send} takes besides finished frames, bits of {@link NetOffload}; does not change. */
    int offloads();

    /**
     * A frame from the guest, of any content and any length from 0 on.
     *
     * @return false if there is no room: the NIC keeps the frame until {@link NetDevice#sendReady()} is called
     */
    boolean send(NetFrame frame);

    /** The NIC has room for frames again, after {@link NetDevice#receive} has answered false. */
    void receiveReady();

    /** {@link NetDevice#offloads()} answers something else from now on. */
    default void offloadsChanged() {
    }

    /**
     * Pulls the plug: no call to the device begins after this has returned. Waits for a call that runs, so the caller
     * holds no lock that the device takes in its calls. Closing twice does nothing.
     */
    @Override
    void close();
}
