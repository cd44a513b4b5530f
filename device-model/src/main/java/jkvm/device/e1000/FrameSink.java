package jkvm.device.e1000;

import jkvm.host.net.NetFrame;

/** Where frames that the guest sends go. */
interface FrameSink {

    /**
     * A buffer to make the next frame in, which saves a copy when it is sent. The same until then.
     *
     * @return null if there is none now
     */
    NetFrame claim();

    /**
     * Sends a frame, in a buffer of {@link #claim()}'s or in any other.
     *
     * @return false if there is no room now: the frame is offered again later
     */
    boolean send(NetFrame frame);
}
