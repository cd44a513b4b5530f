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
     * Sends a frame.
     *
     * @param claimed whether it is in the buffer that {@link #claim()} gave last, or in one of the caller's
     * @return false if there is no room now: the frame is offered again later
     */
    boolean send(NetFrame frame, boolean claimed);
}
