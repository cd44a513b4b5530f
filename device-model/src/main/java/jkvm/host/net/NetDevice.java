package jkvm.host.net;

/** A NIC as its {@link NetBackend} sees it, which also says which thread calls: the wire side of a {@link NetPort}. */
public interface NetDevice {

    /**
     * A frame for the guest. A frame that the NIC filters out counts as taken, and so does every frame while the guest
     * has not set the NIC up. The frame is the caller's again when the call returns; one that was taken may have
     * changed in its buffer, one that was not is as it was.
     *
     * @return false if the receive ring is full: the backend keeps the frame and waits for
     *         {@link NetBackend#receiveReady()}
     */
    boolean receive(NetFrame frame);

    /** {@link NetBackend#claim} has a buffer again after it gave none. */
    void sendReady();

    /** The offloads that {@link #receive} takes besides finished frames, bits of {@link NetOffload}. */
    int offloads();
}
