package jkvm.host.net;

/** A NIC as its {@link NetBackend} sees it, which also says which thread calls. */
public interface NetDevice {

    /**
     * A frame for the guest. A frame that the NIC filters out counts as taken, and so does every frame while the guest
     * has not set the NIC up.
     *
     * @return false if the receive ring is full: the backend keeps the frame and waits for
     *         {@link NetBackend#receiveReady()}
     */
    boolean receive(NetFrame frame);

    /** {@link NetBackend#send} has room again after it has answered false. */
    void sendReady();

    /** What {@link #receive} takes besides finished frames, bits of {@link NetOffload}. */
    int offloads();
}
