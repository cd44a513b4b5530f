package jkvm.device.virtio.console;

import java.util.List;
import jkvm.device.board.Bus;
import jkvm.device.board.Category;
import jkvm.device.board.PartType;
import jkvm.device.board.Property;
import jkvm.host.chardev.ChardevSpec;

/** The port of a virtio-serial controller: {@code hvc0} to Linux. */
public final class VirtconsoleType extends PartType {
    public static final VirtconsoleType TYPE = new VirtconsoleType();
    public static final Property<ChardevSpec> CHARDEV = Property.chardev("chardev").require();
    private static final Property<String> NAME = Property.text("name", "not used");

    private VirtconsoleType() {
        super("virtconsole", Category.INPUT, "hvc0, on the virtio-serial before it");
    }

    @Override
    public Bus bus() {
        return Bus.VIRTIO_SERIAL;
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(Property.refused("bus", "it goes to the virtio-serial controller before it"), NAME, CHARDEV);
    }
}
