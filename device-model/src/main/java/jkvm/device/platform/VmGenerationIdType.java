package jkvm.device.platform;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.Bus;
import jkvm.device.board.Category;
import jkvm.device.board.IsaType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.PropertyException;

/** The entry of {@link VmGenerationId}. */
public final class VmGenerationIdType extends IsaType {
    public static final String NAME = "vmgenid";
    public static final VmGenerationIdType TYPE = new VmGenerationIdType();

    /** The value for a random one. */
    public static final String AUTO = "auto";
    /** A UUID's digits with all of its hyphens. */
    private static final String FORM = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    public static final Property<String> GUID =
            Property.text("guid", "UUID (aka GUID) or \"auto\" for a random value").or(AUTO);

    private VmGenerationIdType() {
        super(NAME, Category.MISC, "");
    }

    @Override
    public Bus bus() {
        return Bus.NONE;
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(GUID);
    }

    @Override
    public void check(Properties properties) {
        String text = properties.get(GUID);
        if (!text.equals(AUTO) && !text.matches(FORM)) {
            throw new PropertyException(PropertyException.Kind.INVALID, GUID.name(),
                    "Property 'vmgenid.guid' doesn't take value '" + text + "'");
        }
    }

    @Override
    public String placeOf(Properties properties) {
        return NAME;
    }

    @Override
    public Device create(Board board, Properties properties) {
        String text = properties.get(GUID);
        return new VmGenerationId(properties.id(), text.equals(AUTO) ? Optional.empty()
                : Optional.of(UUID.fromString(text)), board.random(Optional.empty()), board.guestMemory());
    }
}
