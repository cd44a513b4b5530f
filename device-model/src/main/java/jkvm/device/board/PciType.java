package jkvm.device.board;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.device.pci.PciFunction;

/**
 * A kind of PCI device.
 *
 * <pre>{@code
 * final class AdderType extends PciType {
 *     static final Property<Integer> ADDEND = Property.number("addend", 0, 100, "what is added").or(1);
 *
 *     AdderType() {
 *         super("adder", Category.MISC, "adds a number");
 *     }
 *
 *     protected List<Property<?>> ownProperties() {
 *         return List.of(ADDEND);
 *     }
 *
 *     public PciFunction create(Board board, Properties properties) {
 *         return new Adder(properties.id(), properties.get(ADDEND));
 *     }
 * }
 * }</pre>
 */
public abstract non-sealed class PciType extends DeviceType {
    protected PciType(String name, Category category, String description) {
        super(name, category, description);
    }

    @Override
    public final Bus bus() {
        return Bus.PCI;
    }

    @Override
    protected final List<Property<?>> busProperties() {
        return PciPlace.PROPERTIES;
    }

    /** The file name of the expansion ROM that QEMU's device has without {@code romfile=}. */
    public Optional<Path> usualRom() {
        return Optional.empty();
    }

    /** The expansion ROM that the device has without {@code romfile=}, where jkvm has one of its own. */
    public Optional<byte[]> builtInRom() {
        return Optional.empty();
    }

    /**
     * Makes a device; the machine puts it on the PCI bus.
     *
     * @param properties with the id that the device has as its name
     */
    public abstract PciFunction create(Board board, Properties properties);
}
