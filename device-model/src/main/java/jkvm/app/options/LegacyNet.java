package jkvm.app.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.netdev.NicSpec;
import jkvm.machine.config.DeviceConfig;

/** Reads {@code -net}, QEMU's older way: cards and networks meet in one hub. */
final class LegacyNet {
    /** The hub that they meet in. */
    static final int HUB = 0;

    private final NicOptions cards;
    private final NetOptions networks;
    private final List<Card> nics = new ArrayList<>();
    private final List<NetdevSpec> hub = new ArrayList<>();

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
        if (kind.equals("nic")) {
            OptionValues values = new OptionValues("-net", text, "type");
            values.require("type");
            Optional<Long> mac = values.take("macaddr").map(address -> NetOptions.mac(values, address));
            Card card = new Card(values.where(), values.take("model"), cards.mac(mac), values.take("netdev"));
            values.takeNumber("vectors", 0, Integer.MAX_VALUE);
            values.takeId();
            values.end();
            nics.add(card);
        } else {
            hub.add(networks.hubNetwork(text, kind));
        }
    }

    /** The cards; all options have been read. */
    List<DeviceConfig> cards() {
        boolean isPair = nics.stream().filter(card -> card.netdev.isEmpty()).count() <= 1 && hub.size() <= 1
                && !networks.hubs().has(HUB);
        if (!isPair) {
            hub.forEach(network -> networks.hubs().connect(HUB, "-net", network.id()));
        }
        return nics.stream().map(card -> card(card, isPair)).toList();
    }

    /** @param isPair true if the hub would join a card and a network at most, which needs no hub */
    private DeviceConfig card(Card card, boolean isPair) {
        Optional<NetdevSpec> network = card.netdev.isPresent()
                ? Optional.of(cards.use(card.where, card.netdev.get())) : isPair ? hub.stream().findFirst()
                : Optional.of(new NetdevSpec("#hub0port" + nics.indexOf(card), NetdevSpec.HubPort.of(HUB)));
        return network.map(netdev -> cards.nic(new NicSpec(netdev, card.model, Optional.empty()), card.mac))
                .orElseGet(() -> cards.unplugged(card.model, card.mac));
    }

    /** True for the id of a network of the hub's. */
    boolean has(String id) {
        return hub.stream().anyMatch(network -> network.id().equals(id));
    }

    /** True if a card of the hub's was declared. */
    boolean hasCard() {
        return nics.stream().anyMatch(card -> card.netdev.isEmpty());
    }

    /** Of a card without a network, and the reverse. */
    List<String> warnings() {
        boolean hasCard = hasCard();
        if (networks.hubs().has(HUB)) {
            return List.of();
        }
        if (hasCard && hub.isEmpty()) {
            return List.of("hub 0 is not connected to host network; add -net user");
        }
        return hub.isEmpty() || hasCard ? List.of() : List.of("hub 0 with no nics; add -net nic");
    }
}
