package jkvm.control.vnc;

import jkvm.host.HostException;

/** A server cannot listen, or cannot reach the viewer that it is to call. */
public final class VncException extends HostException {
    private static final long serialVersionUID = 1;

    VncException(String action, Exception cause) {
        super(action, reasonOf(cause), cause);
    }
}
