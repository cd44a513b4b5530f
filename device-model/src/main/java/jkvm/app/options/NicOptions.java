package jkvm.app.options;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import jkvm.bus.ConfigurationException;
import jkvm.device.virtio.net.NetSettings;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.netdev.NicSpec;
import jkvm.machine.DeviceConfig;
import jkvm.machine.DeviceConfig.Place;

/** Joins network cards, of {@code -nic} and of {@code -device}, with networks. */
final class NicOptions {
    private static final long FIRST_MAC = 0x525400123456L;
    /** The usual one first. */
    private static final List<String> MODELS = List.of("e1000", "virtio-net-pci", "virtio-net-device");

    private final NetOptions networks = new NetOptions();
    private final List<Supplier<DeviceConfig>> nics = new ArrayList<>();
    private final Set<String> used = new HashSet<>();
    private int count;

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
        nics.add(() -> nic(spec.model().orElse(MODELS.getFirst()), mac,
                Optional.of(networks.withCaptures(spec.netdev()))));
    }

    private static DeviceConfig nic(String model, long mac, Optional<NetdevSpec> netdev) {
        OptionalInt bootIndex = OptionalInt.empty();
        return switch (model) {
            case "e1000", "e1000-82540em" ->
                    new DeviceConfig.E1000(Place.pciWith(DeviceConfig.E1000.USUAL_ROM), bootIndex, mac, netdev);
            case "virtio-net-pci", "virtio", "virtio-net" -> new DeviceConfig.VirtioNet(
                    Place.pciWith(DeviceConfig.VirtioNet.USUAL_ROM), bootIndex, mac, netdev, NetSettings.DEFAULT);
            case "virtio-net-device" ->
                    new DeviceConfig.VirtioNet(Place.MMIO, bootIndex, mac, netdev, NetSettings.DEFAULT);
            default -> throw new ConfigurationException("-nic model=" + model
                    + ": jkvm has no such network card; it has " + String.join(", ", MODELS)
                    + Suggestion.of(model, MODELS));
        };
    }

    /** {@code -object}. */
    void addObject(String text) {
        networks.object(text);
    }

    /** The cards of {@code -nic}, in order; all options have been read. */
    List<DeviceConfig> nics() {
        return nics.stream().map(Supplier::get).toList();
    }

    /** Refuses what was declared and is of no use; all cards have been asked for. */
    void end() {
        networks.checkCaptures(used);
    }

    /** Of networks that no card is on; all cards have been asked for. */
    List<String> warnings() {
        return networks.unused(used).stream().map(id -> "-netdev id=" + id
                + ": no card is on this network, it is left out; add -device e1000,netdev=" + id).toList();
    }

    /** Takes a device's {@code mac=}; without it the next of QEMU's addresses. */
    long takeMac(OptionValues values) {
        return mac(values.take("mac").map(text -> NetOptions.mac(values, text)));
    }

    private long mac(Optional<Long> given) {
        long next = FIRST_MAC + count++;
        return given.orElse(next);
    }

    /**
     * What a device's {@code netdev=} names, once; all options have been read.
     *
     * @param where it is, for messages
     */
    Optional<NetdevSpec> use(String where, Optional<String> id) {
        return id.map(name -> {
            NetdevSpec spec = networks.find(where, name);
            if (!used.add(name)) {
                throw new ConfigurationException(where + ": netdev " + name
                        + " has a card already; add another -netdev");
            }
            return networks.withCaptures(spec);
        });
    }
}
