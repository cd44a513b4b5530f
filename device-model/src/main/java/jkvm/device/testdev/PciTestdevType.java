package jkvm.device.testdev;

import java.util.List;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.PciType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.pci.PciFunction;

/** The entry of {@link PciTestdev}. */
public final class PciTestdevType extends PciType {
    public static final PciTestdevType TYPE = new PciTestdevType();

    private PciTestdevType() {
        super("pci-testdev", Category.MISC, "PCI Test Device");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of();
    }

    @Override
    public PciFunction create(Board board, Properties properties) {
        return new PciTestdev(properties.id());
    }
}
