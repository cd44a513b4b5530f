package jkvm.host.netdev;

import jkvm.host.net.DumpFilter;
import jkvm.host.net.DumpSpec;
import jkvm.host.net.NetBackend;
import jkvm.host.net.NetworkException;
import jkvm.host.net.SegmentingBackend;
import jkvm.host.net.SocketBackend;
import jkvm.host.net.TapBackend;
import jkvm.host.usernet.UserBackend;
import jkvm.linux.Syscalls;
import jkvm.work.Workers;

/** Opens what a {@link NetdevSpec} describes. */
public final class NetBackends {
    private NetBackends() {
    }

    /**
     * Opens a backend that takes frames with any offload, with its captures in front of it.
     *
     * @param workers gives those that carry frames
     * @throws jkvm.host.HostException if the host does not let it; then nothing is left open
     */
    public static NetBackend open(NetdevSpec spec, Syscalls syscalls, Workers workers) {
        NetBackend backend = openBackend(spec, syscalls, workers);
        try {
            for (DumpSpec capture : spec.captures()) {
                backend = DumpFilter.open(backend, capture);
            }
            return backend;
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
    }

    private static NetBackend openBackend(NetdevSpec spec, Syscalls syscalls, Workers workers) {
        return switch (spec.backend()) {
            case NetdevSpec.User user -> new UserBackend(user.config(), workers);
            case NetdevSpec.Tap tap when workers.clock() != null -> throw new NetworkException(
                    NetworkException.Kind.TAP_WITH_COUNTED_TIME, tap.interfaceName(), "tap interface",
                    "its frames come at any time, but the guest's time is counted in instructions", null);
            case NetdevSpec.Tap tap -> TapBackend.open(syscalls, tap.interfaceName(), workers);
            case NetdevSpec.SocketListen socket ->
                    new SegmentingBackend(SocketBackend.listen(socket.address(), workers));
            case NetdevSpec.SocketConnect socket ->
                    new SegmentingBackend(SocketBackend.connect(socket.address(), workers));
        };
    }
}
