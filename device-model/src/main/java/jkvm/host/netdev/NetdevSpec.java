package jkvm.host.netdev;

import java.net.InetSocketAddress;
import java.util.List;
import jkvm.host.net.DumpSpec;
import jkvm.host.usernet.UserConfig;

/**
 * A network backend as the user asks for it.
 *
 * @param id       by which devices name it
 * @param captures what its frames are written to
 */
public record NetdevSpec(String id, Backend backend, List<DumpSpec> captures) {

    public NetdevSpec {
        captures = List.copyOf(captures);
    }

    /** A backend without a capture. */
    public NetdevSpec(String id, Backend backend) {
        this(id, backend, List.of());
    }

    /** The other end of the wire. */
    public sealed interface Backend {
    }

    /** {@code user}. */
    public record User(UserConfig config) implements Backend {
    }

    /**
     * {@code tap}.
     *
     * @param interfaceName empty for a new one that the kernel names
     */
    public record Tap(String interfaceName) implements Backend {
    }

    /** {@code socket,listen=}. */
    public record SocketListen(InetSocketAddress address) implements Backend {
    }

    /**
     * {@code hubport}: a port of a hub.
     *
     * @param hub      the number of the hub
     * @param networks what the hub is connected to besides its other ports
     */
    public record HubPort(int hub, List<NetdevSpec> networks) implements Backend {

        public HubPort {
            networks = List.copyOf(networks);
        }

        /** A port whose hub's networks are not known yet. */
        public static HubPort of(int hub) {
            return new HubPort(hub, List.of());
        }
    }

    /** {@code socket,connect=}. */
    public record SocketConnect(InetSocketAddress address) implements Backend {
    }
}
