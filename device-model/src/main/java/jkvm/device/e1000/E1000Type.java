package jkvm.device.e1000;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jkvm.device.board.Board;
import jkvm.device.board.BootPath;
import jkvm.device.board.Category;
import jkvm.device.board.PciType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.pci.PciFunction;
import jkvm.host.netdev.NetdevSpec;

/** The entry of {@link E1000}. */
public final class E1000Type extends PciType {
    public static final E1000Type TYPE = new E1000Type();
    private static final int MAC_SIZE = 6;

    public static final Property<NetdevSpec> NETDEV = Property.netdev("netdev");
    public static final Property<Long> MAC = Property.mac("mac");

    private E1000Type() {
        super("e1000", Category.NETWORK, "Intel Gigabit Ethernet");
    }

    @Override
    public List<String> aliases() {
        return List.of("e1000-82540em");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(NETDEV, MAC);
    }

    @Override
    public Optional<BootPath> bootPath() {
        return Optional.of(BootPath.NETWORK);
    }

    @Override
    public Optional<Path> usualRom() {
        return Optional.of(Path.of("efi-e1000.rom"));
    }

    @Override
    public PciFunction create(Board board, Properties properties) {
        byte[] mac = ByteBuffer.allocate(Long.BYTES).putLong(properties.get(MAC)).array();
        E1000 card = new E1000(properties.id(), Arrays.copyOfRange(mac, Long.BYTES - MAC_SIZE, Long.BYTES),
                board.guestMemory(), board.clock(), board.network(properties.find(NETDEV)),
                work -> board.workers().worker(properties.id(), work));
        board.cable(properties.id(), properties.find(NETDEV), card::setCarrier);
        board.atEnd(card::close);
        return card;
    }
}
