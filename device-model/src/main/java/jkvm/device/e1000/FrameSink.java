package jkvm.device.e1000;

import jkvm.host.net.NetFrame;

/** Where frames that the guest sends go. */
interface FrameSink {

    /** @return false if there is no room now: the frame is offered again later */
    boolean send(NetFrame frame);
}
