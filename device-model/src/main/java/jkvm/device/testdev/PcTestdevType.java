package jkvm.device.testdev;

import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.bus.Device;
import jkvm.bus.IrqLine;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.IsaType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;

/** The entry of {@link PcTestdev}. */
public final class PcTestdevType extends IsaType {
    public static final PcTestdevType TYPE = new PcTestdevType();

    private PcTestdevType() {
        super("pc-testdev", Category.MISC, "ports and memory for tests of the hypervisor");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of();
    }

    @Override
    public String placeOf(Properties properties) {
        return name();
    }

    @Override
    public Device create(Board board, Properties properties) {
        IrqLine[] lines = new IrqLine[Board.GSI_COUNT];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = board.irq(i);
        }
        PcTestdev device = new PcTestdev(properties.id(), board.pageProtector(), lines);
        board.ports().add(new AddressRange(PcTestdev.LATCH_PORT, PcTestdev.LATCH_PORTS), device.latch());
        board.ports().add(new AddressRange(PcTestdev.BYTE_LATCH_PORT, PcTestdev.LATCH_PORTS), device.latch());
        board.ports().add(new AddressRange(PcTestdev.FLUSH_PORT, Integer.BYTES), device.flush());
        board.ports().add(new AddressRange(PcTestdev.INTERRUPT_PORT, lines.length), device.interrupts());
        board.memory().add(new AddressRange(PcTestdev.MEMORY_ADDRESS, PcTestdev.MEMORY_SIZE), device.memory());
        return device;
    }
}
