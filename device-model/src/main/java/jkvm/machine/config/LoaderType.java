package jkvm.machine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jkvm.device.board.Bus;
import jkvm.device.board.Category;
import jkvm.device.board.PartType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.PropertyException;

/** The entry of {@link BootConfig.Loader}. */
public final class LoaderType extends PartType {
    public static final LoaderType TYPE = new LoaderType();
    private static final String FILES_ONLY = "jkvm loads files only, file=FILE";

    public static final Property<Path> FILE = Property.file("file", "a flat image");
    public static final Property<Long> ADDRESS = Property.address("addr", "where in guest memory it goes");
    public static final Property<Integer> CPU =
            Property.number("cpu-num", 0, MachineConfig.MAX_CPUS - 1, "with 0 the first CPU starts in it");
    public static final Property<Boolean> RAW = Property.flag("force-raw", "loads an ELF file as it is").or(false);

    private LoaderType() {
        super("loader", Category.MISC, "loads a flat image");
    }

    @Override
    public Bus bus() {
        return Bus.NONE;
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(Property.refused("data", FILES_ONLY), Property.refused("data-len", FILES_ONLY),
                Property.refused("data-be", FILES_ONLY), FILE, ADDRESS, CPU, RAW);
    }

    @Override
    public void check(Properties properties) {
        BootConfig.Loader loader = loader(properties);
        if (loader.file().isEmpty() && (loader.address().isEmpty() || loader.cpu().isEmpty())) {
            throw new PropertyException(PropertyException.Kind.MISSING, FILE.name(),
                    "give it file=FILE, or addr= and cpu-num=");
        }
        if (loader.raw() && loader.address().isEmpty()) {
            throw new PropertyException(PropertyException.Kind.MISSING, ADDRESS.name(), "force-raw=on needs addr=");
        }
    }

    /** The load that the properties ask for. */
    public static BootConfig.Loader loader(Properties properties) {
        Optional<Long> address = properties.find(ADDRESS);
        Optional<Integer> cpu = properties.find(CPU);
        return new BootConfig.Loader(properties.find(FILE),
                address.map(OptionalLong::of).orElse(OptionalLong.empty()),
                cpu.map(OptionalInt::of).orElse(OptionalInt.empty()), properties.get(RAW));
    }
}
