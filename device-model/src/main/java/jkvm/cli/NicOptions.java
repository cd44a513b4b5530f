package jkvm.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import jkvm.bus.ConfigurationException;
import jkvm.machine.DeviceConfig;
import jkvm.machine.DeviceConfig.Place;
import jkvm.net.NetdevSpec;
import jkvm.net.NicSpec;

/** Joins network cards, of {@code -nic} and of {@code -device}, with networks. */
final class NicOptions {
    private static final long FIRST_MAC = 0x525400123456L;
    private static final List<String> E1000_MODELS = List.of("e1000", "e1000-82540em");

    private final NetOptions networks = new NetOptions();
    private final List<DeviceConfig> nics = new ArrayList<>();
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
        spec.model().filter(model -> !E1000_MODELS.contains(model)).ifPresent(model -> {
            throw new ConfigurationException("-nic model=" + model + ": jkvm has no such network card"
                    + Suggestion.of(model, E1000_MODELS) + "; it has e1000");
        });
        nics.add(new DeviceConfig.E1000(Place.pciWith(DeviceConfig.E1000.USUAL_ROM), OptionalInt.empty(),
                mac(spec.mac()), Optional.of(spec.netdev())));
    }

    /** The cards of {@code -nic}, in order. */
    List<DeviceConfig> nics() {
        return nics;
    }

    /** Takes a device's {@code mac=}; without it the next of QEMU's addresses. */
    long takeMac(OptionValues values) {
        return mac(values.take("mac").map(text -> NetOptions.mac(values, text)));
    }

    private long mac(Optional<Long> given) {
        long next = FIRST_MAC + count++;
        return given.orElse(next);
    }

    /** What a device's {@code netdev=} names, once; all options have been read. @param where it is, for messages */
    Optional<NetdevSpec> use(String where, Optional<String> id) {
        return id.map(name -> {
            NetdevSpec spec = networks.find(where, name);
            if (!used.add(name)) {
                throw new ConfigurationException(where + ": netdev " + name
                        + " has a card already; add another -netdev");
            }
            return spec;
        });
    }
}
