package jkvm.app.options;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import jkvm.host.netdev.NetdevSpec;

/** The hubs of a command line, and the networks that are plugged into them. */
final class HubOptions {
    /** By the hub's number: the ids of its networks, each with the option that plugs it in. */
    private final Map<Integer, Map<String, String>> hubs = new TreeMap<>();

    /** The options whose ports have a network, so that no card can have them. */
    private final Set<String> taken = new HashSet<>();

    /** Reads the properties of a port; {@code netdev=} plugs a network in. */
    NetdevSpec.HubPort port(OptionValues values) {
        int hub = values.takeNumber("hubid", Integer.MIN_VALUE, Integer.MAX_VALUE)
                .orElseThrow(() -> values.error("property hubid is missing")).intValue();
        Optional<String> network = values.take("netdev");
        network.ifPresentOrElse(id -> connect(hub, values.where(), id), () -> declare(hub));
        if (network.isPresent()) {
            taken.add(values.where());
        }
        return NetdevSpec.HubPort.of(hub);
    }

    /** True if the option is a port that has a network. */
    boolean isTaken(OptionValues option) {
        return taken.contains(option.where());
    }

    private Map<String, String> declare(int hub) {
        return hubs.computeIfAbsent(hub, _ -> new LinkedHashMap<>());
    }

    /** Plugs a network into a hub. */
    void connect(int hub, String where, String network) {
        declare(hub).put(network, where);
    }

    /** True if an option names the hub. */
    boolean has(int hub) {
        return hubs.containsKey(hub);
    }

    /** The ids of a hub's networks, each with the option that plugs it in. */
    Map<String, String> networksOf(int hub) {
        return hubs.getOrDefault(hub, Map.of());
    }

    /** The ids of all networks that are plugged into a hub. */
    Set<String> networks() {
        return hubs.values().stream().flatMap(networks -> networks.keySet().stream()).collect(Collectors.toSet());
    }

    /**
     * The things of no use.
     *
     * @param withCards the hubs that have a card
     */
    Set<String> warnings(Set<Integer> withCards) {
        Set<String> warnings = new TreeSet<>();
        hubs.forEach((hub, networks) -> {
            if (!withCards.contains(hub)) {
                warnings.add("hub " + hub + " with no nics");
            } else if (networks.isEmpty()) {
                warnings.add("hub " + hub + " is not connected to host network");
            }
        });
        return warnings;
    }
}
