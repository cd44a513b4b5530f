package jkvm.machine.board;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.host.net.Cable;
import jkvm.host.net.NetBackend;
import jkvm.host.net.ReusableBackend;
import jkvm.host.netdev.NetBackends;
import jkvm.host.netdev.NetdevSpec;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.HotplugException.Kind;

/**
 * The networks of a machine that cards name. A network stays when its card is gone, for the next one. Those that were
 * declared for the start are opened when a card takes them. Any thread may call.
 */
public final class NetworkSides {
    private final NetBackends backends;
    private final Map<String, Network> networks = new LinkedHashMap<>();
    private final List<CableEnds> cables = new ArrayList<>();

    /** @param network its name, empty for a card on none with a name */
    private record CableEnds(String card, String network, Cable cable) {
    }

    /** A network with a name. Guarded by the map's owner. */
    private static final class Network {
        private final NetdevSpec spec;
        /** Null while nobody has opened it. */
        private ReusableBackend backend;

        Network(NetdevSpec spec) {
            this.spec = spec;
        }

        boolean isUsed() {
            return backend != null && backend.isUsed();
        }
    }

    NetworkSides(NetBackends backends) {
        this.backends = backends;
    }

    /** Networks of the start, which are not opened yet. */
    public synchronized void declare(List<NetdevSpec> specs) {
        specs.forEach(spec -> networks.put(spec.id(), new Network(spec)));
    }

    /**
     * Opens a network for cards to come.
     *
     * @throws HotplugException        if another one has its name
     * @throws jkvm.host.HostException if the host does not let it
     */
    public synchronized void add(NetdevSpec spec) {
        if (networks.containsKey(spec.id())) {
            throw new HotplugException(Kind.DUPLICATE, spec.id(), "Duplicate ID '" + spec.id() + "'");
        }
        Network network = new Network(spec);
        network.backend = new ReusableBackend(backends.open(spec));
        networks.put(spec.id(), network);
    }

    /** The network that a card may name; empty if there is none. */
    public synchronized Optional<NetdevSpec> find(String id) {
        return Optional.ofNullable(networks.get(id)).map(network -> network.spec);
    }

    /** All networks with names, in the order in which they came. */
    public synchronized List<NetdevSpec> all() {
        return networks.values().stream().map(network -> network.spec).toList();
    }

    /** True if a card has this network. */
    public synchronized boolean isUsed(NetdevSpec spec) {
        Network network = networks.get(spec.id());
        return network != null && network.isUsed() && network.spec.equals(spec);
    }

    /**
     * Closes a network that no card has, and forgets it.
     *
     * @throws HotplugException if there is none, or a card has it
     */
    public synchronized void remove(String id) {
        Network network = networks.get(id);
        if (network == null) {
            throw new HotplugException(Kind.NOT_FOUND, id, "Device '" + id + "' not found");
        }
        if (network.isUsed()) {
            throw new HotplugException(Kind.IN_USE, id, "Network '" + id + "' is in use by a device");
        }
        networks.remove(id);
        close(network);
    }

    /** The network for a card, which closes it. One without a name, or whose name is taken, is new. */
    synchronized NetBackend take(NetdevSpec spec) {
        Network network = networks.get(spec.id());
        if (network == null || network.isUsed() || !network.spec.equals(spec)) {
            return backends.open(spec);
        }
        if (network.backend == null) {
            network.backend = new ReusableBackend(backends.open(spec));
        }
        return network.backend.use();
    }

    /** A card has come. */
    synchronized void connect(String card, Optional<NetdevSpec> netdev, Cable cable) {
        cables.add(new CableEnds(card, netdev.map(NetdevSpec::id).orElse(""), cable));
    }

    /** A card is gone. */
    synchronized void disconnect(Cable cable) {
        cables.removeIf(each -> each.cable == cable);
    }

    /**
     * Pulls a cable or plugs it in.
     *
     * @param name of the card or of its network
     * @throws HotplugException if there is none
     */
    public synchronized void plug(String name, boolean isIn) {
        CableEnds found = cables.stream().filter(each -> each.card.equals(name) || each.network.equals(name))
                .findFirst().orElseThrow(() ->
                        new HotplugException(Kind.NOT_FOUND, name, "Device '" + name + "' not found"));
        found.cable.plug(isIn);
    }

    private static void close(Network network) {
        if (network.backend != null) {
            network.backend.close();
        }
    }

    /** Closes those that are open, with their hubs; the cards have closed theirs. */
    synchronized void close() {
        networks.values().forEach(NetworkSides::close);
        networks.clear();
        backends.close();
    }
}
