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
    public static final Property<Long> MAX_BYTES = Property.address("max-bytes", "bytes that it gives in a period")
            .or(VirtioRng.Limit.NONE.bytes());
    public static final Property<Integer> PERIOD = Property.number("period", 1, Integer.MAX_VALUE,
            "length of a period, in milliseconds").or(VirtioRng.Limit.NONE.millis());
    public static final Property<String> RNG = Property.object("rng", "rng-", "ID of a source of random numbers");
    private static final int CLASS_OTHER = 0x00FF00;

    private VirtioRngType(Variant variant) {
        super("virtio-rng", variant, Category.MISC, "random numbers of the host");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(RNG, MAX_BYTES, PERIOD);
    }

    @Override
    public int pciClass() {
        return CLASS_OTHER;
    }

    @Override
    public VirtioDevice create(Board board, Properties properties) {
        return new VirtioRng(properties.id(), board.random(properties.find(RNG)),
                new VirtioRng.Limit(properties.get(MAX_BYTES), properties.get(PERIOD)), board.clock());
    }
}
