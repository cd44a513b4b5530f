package jkvm.host.net;

/**
 * The host's end of the wire that a NIC is plugged into. A NIC reaches it through its {@link NetPort}.
 *
 * <p><b>Frames from the guest.</b> The backend lends a buffer ({@link #claim()}), the NIC gathers a frame from guest
 * memory into it, and {@link #send} hands it over. So a frame is copied once between guest memory and whatever the
 * backend does with it, and a backend that is full refuses before anything was copied.
 *
 * <p><b>Threads.</b> {@link #claim()} and {@link #send} are called by one thread at a time, any thread; {@link
 * #receiveReady} and {@link #offloadsChanged} by any. A backend calls its {@link NetDevice} from one thread at a time,
 * its own, with no lock held. A NIC may hold its lock in any call but {@link #close()}. No method blocks on the
 * network.
 *
 * <p>In a steady state neither direction allocates memory.
 */
public interface NetBackend extends AutoCloseable {

    /** Plugs the NIC in; frames may arrive from now on. Called once, before all else. */
    void attach(NetDevice device);

    /** The offloads that {@link #send} takes besides finished frames, bits of {@link NetOffload}; does not change. */
    int offloads();

    /**
     * A buffer for the next frame from the guest, with any content. Each call gives the same until that is sent.
     *
     * @return null if there is no room; {@link NetDevice#sendReady()} is called when there is
     */
    NetFrame claim();

    /**
     * Sends a frame of any content and any length from 0 on.
     *
     * @param frame what {@link #claim()} gave; the backend's from here on
     */
    void send(NetFrame frame);

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
