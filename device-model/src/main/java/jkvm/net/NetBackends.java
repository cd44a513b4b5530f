package jkvm.net;

import jkvm.bus.ConfigurationException;
import jkvm.linux.Syscalls;
import jkvm.net.user.UserBackend;

/** Opens what a {@link NetdevSpec} describes. */
public final class NetBackends {
    private NetBackends() {
    }

    /**
     * Opens a backend that takes frames with any offload.
     *
     * @throws ConfigurationException if the host does not let it
     */
    public static NetBackend open(NetdevSpec spec, Syscalls syscalls) {
        return switch (spec.backend()) {
            case NetdevSpec.User user -> new UserBackend(user.config());
            case NetdevSpec.Tap tap -> TapBackend.open(syscalls, tap.interfaceName());
            case NetdevSpec.SocketListen socket -> new SegmentingBackend(SocketBackend.listen(socket.address()));
            case NetdevSpec.SocketConnect socket -> new SegmentingBackend(SocketBackend.connect(socket.address()));
            case NetdevSpec.Null _ -> new NullBackend();
        };
    }
}
