package jkvm.device.virtio.rng;

import java.util.List;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.VirtioType;
import jkvm.device.virtio.VirtioDevice;

/** The entries of {@link VirtioRng}. */
public final class VirtioRngType extends VirtioType {
    public static final VirtioRngType PCI = new VirtioRngType(Variant.PCI);
    public static final VirtioRngType TRANSITIONAL = new VirtioRngType(Variant.TRANSITIONAL);
    public static final VirtioRngType NON_TRANSITIONAL = new VirtioRngType(Variant.NON_TRANSITIONAL);
    public static final VirtioRngType MMIO = new VirtioRngType(Variant.MMIO);
    private static final String UNLIMITED =
            "jkvm feeds it from the host's random number generator, without a limit";
    /** Without effect: all such objects give the host's random numbers, as the device does without one. */
    public static final Property<String> RNG = Property.object("rng", "rng-", "ID of a source of random numbers");
    private static final int CLASS_OTHER = 0x00FF00;

    private VirtioRngType(Variant variant) {
        super("virtio-rng", variant, Category.MISC, "random numbers of the host");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(RNG, Property.refused("max-bytes", UNLIMITED),
                Property.refused("period", UNLIMITED));
    }

    @Override
    public int pciClass() {
        return CLASS_OTHER;
    }

    @Override
    public VirtioDevice create(Board board, Properties properties) {
        return new VirtioRng(properties.id(), board.random()::nextBytes);
    }
}
