package jkvm.app.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.netdev.NicSpec;
import jkvm.machine.config.DeviceConfig;

/** Reads {@code -net}, QEMU's older way: cards and networks meet in one hub. */
final class LegacyNet {
    private final NicOptions cards;
    private final NetOptions networks;
    private final List<Card> nics = new ArrayList<>();
    private final List<NetdevSpec> hub = new ArrayList<>();
    private String secondOption = "";

    /**
     * One {@code -net nic}.
     *
     * @param netdev the id of its network; empty for the hub
     */
    private record Card(String where, Optional<String> model, long mac, Optional<String> netdev) {
    }

    LegacyNet(NicOptions cards, NetOptions networks) {
        this.cards = cards;
        this.networks = networks;
    }

    /** Takes one {@code -net}, which is not {@code none}. */
    void add(String text) {
        String kind = OptionValues.split(text).getFirst().replaceFirst("^type=", "");
        boolean isSecond;
        if (kind.equals("nic")) {
            OptionValues values = new OptionValues("-net", text, "type");
            values.require("type");
            Optional<Long> mac = values.take("macaddr").map(address -> NetOptions.mac(values, address));
            Card card = new Card(values.where(), values.take("model"), cards.mac(mac), values.take("netdev"));
            values.takeNumber("vectors", 0, Integer.MAX_VALUE);
            values.takeId();
            values.end();
            isSecond = card.netdev.isEmpty() && nics.stream().anyMatch(other -> other.netdev.isEmpty());
            nics.add(card);
        } else {
            isSecond = !hub.isEmpty();
            hub.add(networks.hubNetwork(text, kind));
        }
        if (isSecond && secondOption.isEmpty()) {
            secondOption = "-net " + text;
        }
    }

    /** The cards; all options have been read. */
    List<DeviceConfig> cards() {
        if (!secondOption.isEmpty()) {
            throw new UsageException(NotYet.NETWORK_HUB.line(secondOption));
        }
        return nics.stream().map(this::card).toList();
    }

    private DeviceConfig card(Card card) {
        Optional<NetdevSpec> network = card.netdev.isPresent()
                ? Optional.of(cards.use(card.where, card.netdev.get())) : hub.stream().findFirst();
        return network.map(netdev -> cards.nic(new NicSpec(netdev, card.model, Optional.empty()), card.mac))
                .orElseGet(() -> cards.unplugged(card.model, card.mac));
    }

    /** True for the id of a network of the hub's. */
    boolean has(String id) {
        return hub.stream().anyMatch(network -> network.id().equals(id));
    }

    /** Of a card without a network, and the reverse. */
    List<String> warnings() {
        boolean hasCard = nics.stream().anyMatch(card -> card.netdev.isEmpty());
        if (hasCard && hub.isEmpty()) {
            return List.of("hub 0 is not connected to host network; add -net user");
        }
        return hub.isEmpty() || hasCard ? List.of() : List.of("hub 0 with no nics; add -net nic");
    }
}
