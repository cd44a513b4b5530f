package jkvm.device.virtio.console;

import java.util.List;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.VirtioType;
import jkvm.device.virtio.VirtioDevice;

/**
 * The entries of {@link VirtioConsole} as a controller: its one port is a {@link VirtconsoleType}, whose chardev it
 * takes over.
 */
public final class VirtioConsoleType extends VirtioType {
    public static final VirtioConsoleType PCI = new VirtioConsoleType(Variant.PCI);
    public static final VirtioConsoleType TRANSITIONAL = new VirtioConsoleType(Variant.TRANSITIONAL);
    public static final VirtioConsoleType NON_TRANSITIONAL = new VirtioConsoleType(Variant.NON_TRANSITIONAL);
    public static final VirtioConsoleType MMIO = new VirtioConsoleType(Variant.MMIO);
    private static final int CLASS_COMMUNICATION = 0x078000;

    private VirtioConsoleType(Variant variant) {
        super("virtio-serial", variant, Category.INPUT, "a controller for one virtconsole");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(Property.fixed("max_ports", "1"));
    }

    @Override
    public int pciClass() {
        return CLASS_COMMUNICATION;
    }

    @Override
    public VirtioDevice create(Board board, Properties properties) {
        return new VirtioConsole(properties.id(), board.chardev(properties.get(VirtconsoleType.CHARDEV)));
    }
}
