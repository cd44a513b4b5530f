package jkvm.device.ide;

import java.util.List;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.PciType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.pci.PciFunction;

/** The entry of {@link AhciController}, into whose ports drives of {@link IdeType} are plugged. */
public final class AhciType extends PciType {
    public static final AhciType TYPE = new AhciType();

    private AhciType() {
        super("ich9-ahci", Category.STORAGE, "");
    }

    @Override
    public List<String> aliases() {
        return List.of("ahci");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of();
    }

    @Override
    public PciFunction create(Board board, Properties properties) {
        AhciController controller = new AhciController(properties.id(), board.workers(), board.guestMemory(),
                board.messages());
        board.atEnd(controller::close);
        return controller;
    }
}
