package jkvm.device.virtio.net;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.device.board.Board;
import jkvm.device.board.BootPath;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.VirtioType;
import jkvm.device.virtio.VirtioDevice;
import jkvm.host.netdev.NetdevSpec;

/** The entries of {@link VirtioNet}. */
public final class VirtioNetType extends VirtioType {
    public static final VirtioNetType PCI = new VirtioNetType(Variant.PCI);
    public static final VirtioNetType TRANSITIONAL = new VirtioNetType(Variant.TRANSITIONAL);
    public static final VirtioNetType NON_TRANSITIONAL = new VirtioNetType(Variant.NON_TRANSITIONAL);
    public static final VirtioNetType MMIO = new VirtioNetType(Variant.MMIO);
    private static final int CLASS_NETWORK = 0x020000;

    public static final Property<NetdevSpec> NETDEV = Property.netdev("netdev");
    public static final Property<Long> MAC = Property.mac("mac");
    public static final Property<Integer> MTU =
            Property.number("host_mtu", 0, NetSettings.MAX_MTU, "the MTU that the guest is told; 0 for none").or(0);
    public static final Property<Integer> RECEIVE_QUEUE_SIZE = queueSize("rx_queue_size");
    public static final Property<Integer> TRANSMIT_QUEUE_SIZE = queueSize("tx_queue_size");
    /** A feature of legacy devices only: QEMU's modern ones do not show it, whatever is asked for. */
    private static final Property<Boolean> GSO = Property.flag("gso", "not used").or(true);
    /** Those features that a user may switch off. */
    private static final Map<NetFeature, Property<Boolean>> FEATURES = features();

    private VirtioNetType(Variant variant) {
        super("virtio-net", variant, Category.NETWORK, "a network card, see -netdev");
    }

    private static Property<Integer> queueSize(String name) {
        return Property.number(name, NetSettings.MIN_QUEUE_SIZE, NetSettings.MAX_QUEUE_SIZE, "a power of two")
                .or(NetSettings.MIN_QUEUE_SIZE);
    }

    private static Map<NetFeature, Property<Boolean>> features() {
        Map<NetFeature, Property<Boolean>> properties = new EnumMap<>(NetFeature.class);
        for (NetFeature feature : NetFeature.values()) {
            if (!feature.property().isEmpty()) {
                properties.put(feature, Property.flag(feature.property(), "").or(true));
            }
        }
        return Collections.unmodifiableMap(properties);
    }

    @Override
    protected List<Property<?>> ownProperties() {
        List<Property<?>> all = new ArrayList<>(List.of(NETDEV, MAC, MTU, RECEIVE_QUEUE_SIZE, TRANSMIT_QUEUE_SIZE));
        all.addAll(FEATURES.values());
        all.add(GSO);
        for (String absent : List.of("guest_announce", "guest_ufo", "host_ufo", "mq", "rss", "hash")) {
            all.add(Property.fixed(absent, "off"));
        }
        all.add(Property.fixed("tx", "bh"));
        return all;
    }

    @Override
    public Optional<BootPath> bootPath() {
        return Optional.of(BootPath.NETWORK);
    }

    @Override
    public Optional<Path> usualRom() {
        return Optional.of(Path.of("efi-virtio.rom"));
    }

    @Override
    public int pciClass() {
        return CLASS_NETWORK;
    }

    @Override
    public void check(Properties properties) {
        super.check(properties);
        settings(properties);
    }

    /** How the card presents itself. */
    public static NetSettings settings(Properties properties) {
        long features = -1;
        for (Map.Entry<NetFeature, Property<Boolean>> feature : FEATURES.entrySet()) {
            if (!properties.get(feature.getValue())) {
                features &= ~feature.getKey().bit();
            }
        }
        return new NetSettings(features, properties.get(MTU), properties.get(RECEIVE_QUEUE_SIZE),
                properties.get(TRANSMIT_QUEUE_SIZE));
    }

    @Override
    public VirtioDevice create(Board board, Properties properties) {
        VirtioNet card = new VirtioNet(properties.id(), properties.get(MAC), settings(properties),
                board.network(properties.find(NETDEV)));
        board.cable(properties.id(), properties.find(NETDEV), card::setLink);
        return card;
    }
}
