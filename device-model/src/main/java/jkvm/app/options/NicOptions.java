package jkvm.app.options;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import jkvm.device.board.Category;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.netdev.NicSpec;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;

/** Joins network cards, of {@code -nic} and of {@code -device}, with networks. */
final class NicOptions {
    private static final String USUAL_MODEL = "e1000";

    private final DeviceTypes types;
    private final NetOptions networks = new NetOptions();
    private final List<Supplier<DeviceConfig>> nics = new ArrayList<>();
    private final Set<String> used = new HashSet<>();
    private final LegacyNet hub = new LegacyNet(this, networks);
    private int count;

    /** @param types those of network cards are the models of {@code -nic} */
    NicOptions(DeviceTypes types) {
        this.types = types;
    }

    /** {@code -netdev}. */
    void addNetdev(String text) {
        networks.netdev(text);
    }

    /** {@code -nic}. */
    void addNic(String text) {
        networks.nic(text).ifPresent(this::add);
    }

    private void add(NicSpec spec) {
        long mac = mac(spec.mac());
        used.add(spec.netdev().id());
        nics.add(() -> nic(spec.model().orElse(USUAL_MODEL), mac, networks.withCaptures(spec.netdev())));
    }

    /** A card on a network that was not used yet. */
    DeviceConfig nic(NicSpec spec, long mac) {
        used.add(spec.netdev().id());
        return nic(spec.model().orElse(USUAL_MODEL), mac, networks.withCaptures(spec.netdev()));
    }

    /** A card whose cable is plugged into nothing. */
    DeviceConfig unplugged(Optional<String> model, long mac) {
        return nic(model.orElse(USUAL_MODEL), mac, null);
    }

    /** @param netdev null for none */
    private DeviceConfig nic(String model, long mac, NetdevSpec netdev) {
        DeviceType type = types.find(model.equals("virtio") ? "virtio-net-pci" : model)
                .filter(found -> found.category() == Category.NETWORK).orElseThrow(() -> {
                    if (QemuDevices.has(model)) {
                        return new UsageException(NotYet.DEVICE.line("-nic model=" + model));
                    }
                    List<String> models = models();
                    return new UsageException("-nic model=" + model + ": jkvm has no such network card; it has "
                            + String.join(", ", models) + Suggestion.of(model, models));
                });
        Properties properties = Properties.NONE;
        for (Property<?> property : type.properties()) {
            if (property.kind() == Property.Kind.MAC) {
                properties = properties.withValue(property, mac);
            } else if (property.kind() == Property.Kind.NETDEV && netdev != null) {
                properties = properties.withValue(property, netdev);
            }
        }
        return new DeviceConfig(type, properties);
    }

    private List<String> models() {
        return types.all().stream().filter(type -> type.category() == Category.NETWORK).map(DeviceType::name).toList();
    }

    /** {@code -net}: a card, or a network for it. */
    void addNet(String text) {
        if (!text.equals("none")) {
            hub.add(text);
        }
    }

    /** {@code -object}. */
    void addObject(String text) {
        networks.object(text);
    }

    /** The cards of {@code -nic}, in order; all options have been read. */
    List<DeviceConfig> nics() {
        List<DeviceConfig> configs = new ArrayList<>(nics.stream().map(Supplier::get).toList());
        configs.addAll(hub.cards());
        return configs;
    }

    /** The networks that cards may name; all options have been read. */
    List<NetdevSpec> declared() {
        Set<String> ofHubs = networks.hubs().networks();
        return networks.declared().stream().filter(spec -> !ofHubs.contains(spec.id())).map(networks::withCaptures)
                .toList();
    }

    /** Refuses what was declared and is of no use; all cards have been asked for. */
    void end() {
        Set<String> connected = new HashSet<>(used);
        connected.addAll(networks.hubs().networks());
        networks.checkCaptures(connected);
    }

    /** Of networks that no card is on; all cards have been asked for. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>(hub.warnings());
        warnings.addAll(networks.hubs().warnings(hubsWithCards()));
        Set<String> ofHubs = networks.hubs().networks();
        networks.unused(used).stream().filter(id -> !hub.has(id) && !ofHubs.contains(id)).map(id -> "-netdev id=" + id
                + ": no card is on this network; add -device e1000,netdev=" + id)
                .forEach(warnings::add);
        return warnings;
    }

    private Set<Integer> hubsWithCards() {
        Set<Integer> hubs = new HashSet<>();
        if (hub.hasCard()) {
            hubs.add(LegacyNet.HUB);
        }
        for (String id : used) {
            networks.hubOf(id).ifPresent(hubs::add);
        }
        return hubs;
    }

    /**
     * Takes a card's address; without one the next of QEMU's.
     *
     * @param key the property
     */
    long takeMac(OptionValues values, String key) {
        return mac(values.take(key).map(text -> NetOptions.mac(values, text)));
    }

    long mac(Optional<Long> given) {
        long next = MachineConfig.FIRST_MAC + count++;
        return given.orElse(next);
    }

    /**
     * Hands out the network that a device's {@code netdev=} names, once; all options have been read.
     *
     * @param where it is, for messages
     */
    NetdevSpec use(String where, String id) {
        NetdevSpec spec = networks.find(where, id);
        if (networks.hubs().networks().contains(id)) {
            throw new UsageException(where + ": netdev " + id + " is plugged into a hub; name a hubport");
        }
        if (!used.add(id)) {
            throw new UsageException(where + ": netdev " + id + " has a card already; add another -netdev");
        }
        return networks.withCaptures(spec);
    }
}
