package jkvm.host.usernet;

import java.io.IOException;
import jkvm.host.HostException;

/** A port of the host cannot be forwarded to the guest. */
public final class ForwardException extends HostException {
    private static final long serialVersionUID = 1L;
    private final transient UserConfig.Forward forward;

    ForwardException(UserConfig.Forward forward, IOException cause) {
        super("cannot listen on " + (forward.udp() ? "udp" : "tcp") + " port " + forward.hostPort()
                + forward.hostAddress().map(host -> " of " + host.getHostAddress()).orElse(""),
                String.valueOf(cause.getMessage()), cause);
        this.forward = forward;
    }

    /** The forward that was asked for. */
    public UserConfig.Forward forward() {
        return forward;
    }
}
