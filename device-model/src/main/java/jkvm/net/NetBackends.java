package jkvm.net;

import jkvm.bus.ConfigurationException;
import jkvm.linux.Syscalls;
import jkvm.net.user.UserBackend;

/** Opens what a {@link NetdevSpec} describes. */
public final class NetBackends {
    private NetBackends() {
    }

    /**
     * Opens a backend that takes frames with any offload, with its captures in front of it.
     *
     * @throws ConfigurationException if the host does not let it; then nothing is left open
     */
    public static NetBackend open(NetdevSpec spec, Syscalls syscalls) {
        NetBackend backend = openBackend(spec, syscalls);
        try {
            for (DumpSpec capture : spec.captures()) {
                backend = DumpFilter.open(backend, capture);
            }
            return backend;
        } catch (RuntimeException refused) {
            backend.close();
            throw refused;
        }
    }

    private static NetBackend openBackend(NetdevSpec spec, Syscalls syscalls) {
        return switch (spec.backend()) {
            case NetdevSpec.User user -> new UserBackend(user.config());
            case NetdevSpec.Tap tap -> TapBackend.open(syscalls, tap.interfaceName());
            case NetdevSpec.SocketListen socket -> new SegmentingBackend(SocketBackend.listen(socket.address()));
            case NetdevSpec.SocketConnect socket -> new SegmentingBackend(SocketBackend.connect(socket.address()));
        };
    }
}
