package jkvm.device.usb.xhci;

import java.util.List;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.PciType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.pci.PciFunction;

/** The entry of {@link Xhci}. */
public final class XhciType extends PciType {
    public static final XhciType TYPE = new XhciType();

    private static final int MAX_PORTS = 15;
    private static final int DEFAULT_PORTS = 4;
    /** Ports of USB 2. */
    public static final Property<Integer> USB2_PORTS = Property.number("p2", 1, MAX_PORTS, "ports of USB 2")
            .or(DEFAULT_PORTS);
    /** Ports of USB 3. */
    public static final Property<Integer> USB3_PORTS = Property.number("p3", 1, MAX_PORTS, "ports of USB 3")
            .or(DEFAULT_PORTS);

    private XhciType() {
        super("qemu-xhci", Category.USB, "");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(USB2_PORTS, USB3_PORTS);
    }

    @Override
    public PciFunction create(Board board, Properties properties) {
        Xhci.Ports ports = new Xhci.Ports(properties.get(USB2_PORTS), properties.get(USB3_PORTS));
        Xhci controller = new Xhci(properties.id(), ports, board.guestMemory(), board.clock(), board.messages(),
                work -> board.workers().worker(properties.id(), work));
        board.atEnd(controller::close);
        return controller;
    }
}
