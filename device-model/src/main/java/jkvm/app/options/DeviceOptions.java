package jkvm.app.options;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import jkvm.device.board.Bus;
import jkvm.device.board.Category;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.PropertyException;
import jkvm.device.floppy.IsaFdcType;
import jkvm.device.serial.IsaSerialType;
import jkvm.device.virtio.console.VirtconsoleType;
import jkvm.device.virtio.console.VirtioConsoleType;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.LoaderType;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineException;

/**
 * Reads {@code -device} by the registry of device types. Chardevs, drives and networks are looked up at the end, as
 * the option that declares one may follow its user.
 */
final class DeviceOptions {

    /**
     * The id of something that another option declares.
     *
     * @param where the option that names it, for messages
     */
    private record Reference(String where, String id) {
    }

    /** One {@code -device}. */
    private record Request(String where, DeviceType type, Properties properties,
            Map<Property<?>, Reference> references) {
    }

    private final DeviceTypes types;
    private final ConfigBuilder config;
    private final List<Request> requests = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final Set<Integer> bootIndices = new HashSet<>();

    /** @param config what {@code netdev=} and {@code drive=} name; hears of devices that are not there yet */
    DeviceOptions(DeviceTypes types, ConfigBuilder config) {
        this.types = types;
        this.config = config;
    }

    /** The output of {@code -device help} or, for one type, {@code -device NAME,help}; empty for any other value. */
    static Optional<String> information(DeviceTypes types, String text) {
        if (QemuOptions.asksForList(text)) {
            return Optional.of(types.help());
        }
        int comma = text.indexOf(',');
        if (comma < 0 || !QemuOptions.asksForList(text.substring(comma + 1))) {
            return Optional.empty();
        }
        return types.find(text.substring(0, comma)).map(DeviceType::help);
    }

    void add(String text) {
        OptionValues values = new OptionValues("-device", text, "driver");
        read(values).ifPresent(request -> add(values, request));
    }

    /**
     * A device for a machine that exists. A network card without an address gets none: the machine knows which are
     * free.
     *
     * @param finder  finds what it names
     * @param globals has the defaults of its type
     */
    DeviceConfig later(String text, LaterDevices.Finder finder, GlobalOptions globals) {
        OptionValues values = new OptionValues("-device", text, "driver");
        boolean hasMac = values.has("mac");
        Request request = read(values).orElseThrow(() -> new UsageException(NotYet.DEVICE.line(values.where())));
        Properties properties = Properties.NONE.withId(request.properties().id());
        for (Property<?> property : request.type().properties()) {
            Optional<?> value = request.properties().find(property);
            if (value.isPresent() && (hasMac || property.kind() != Property.Kind.MAC)) {
                properties = properties.withValue(property, value.get());
            }
        }
        for (Map.Entry<Property<?>, Reference> entry : request.references().entrySet()) {
            properties = properties.withValue(entry.getKey(),
                    finder.find(request.type(), entry.getKey(), entry.getValue().id()));
        }
        return globals.apply(new DeviceConfig(request.type(), properties));
    }

    /** @return empty if it is a device that jkvm does not have yet */
    private Optional<Request> read(OptionValues values) {
        String driver = values.require("driver");
        Optional<DeviceType> known = types.find(driver);
        if (known.isEmpty()) {
            if (!QemuDevices.has(driver)) {
                throw values.error("'" + driver + "' is not a valid device model name"
                        + Suggestion.of(driver, types.all().stream().map(DeviceType::name).toList())
                        + " (jkvm -device help lists them)");
            }
            config.notYet(values.where(), NotYet.DEVICE);
            return Optional.empty();
        }
        DeviceType type = known.get();
        String id = values.takeId().orElse("");
        PropertyReader reader = new PropertyReader(values, config.networks);
        Properties properties = reader.read(type).withId(id);
        values.end();
        Map<Property<?>, Reference> references = new HashMap<>();
        reader.references().forEach((property, name) ->
                references.put(property, new Reference(values.where(), name)));
        check(values, type, properties);
        return Optional.of(new Request(values.where(), type, properties, references));
    }

    private void check(OptionValues values, DeviceType type, Properties properties) {
        try {
            type.check(properties);
        } catch (PropertyException e) {
            throw values.error(e.getMessage());
        }
        type.bootIndex(properties).filter(index -> !bootIndices.add(index)).ifPresent(index -> {
            throw values.error("bootindex " + index + " is in use by another device");
        });
        if (!properties.id().isEmpty() && !ids.add(properties.id())) {
            throw values.error("Duplicate ID '" + properties.id() + "' for device");
        }
    }

    private void add(OptionValues values, Request request) {
        if (request.type() != VirtconsoleType.TYPE) {
            requests.add(request);
            return;
        }
        Request controller = null;
        for (Request before : requests) {
            controller = before.type() instanceof VirtioConsoleType ? before : controller;
        }
        if (controller == null || !controller.references().isEmpty()) {
            throw values.error("jkvm's virtio-serial has one port; add a -device virtio-serial-pci before this one");
        }
        controller.references().putAll(request.references());
    }

    boolean hasSerials() {
        return requests.stream().anyMatch(DeviceOptions::isSerial);
    }

    /** True if one of them is plugged into a controller of this bus. */
    boolean hasUnit(Bus bus) {
        return requests.stream().anyMatch(request -> request.type().bus() == bus);
    }

    /** True if one of them is the controller of floppy disks. */
    boolean hasFloppyController() {
        return requests.stream().anyMatch(request -> request.type() == IsaFdcType.TYPE);
    }

    /** True if one of them is a display adapter. */
    boolean hasScreen() {
        return requests.stream().anyMatch(request -> request.type().category() == Category.DISPLAY);
    }

    /** True if one of them says where a CPU starts. */
    boolean hasEntry() {
        return requests.stream().anyMatch(request -> request.type() == LoaderType.TYPE
                && LoaderType.loader(request.properties()).cpu().isPresent());
    }

    private static boolean isSerial(Request request) {
        return request.type() == IsaSerialType.TYPE;
    }

    /** Adds the serial ports, with the chardevs that they name. */
    void addSerials(MachineConfig.Builder machine, ChardevOptions chardevs) {
        for (Request request : requests) {
            if (isSerial(request)) {
                int index = IsaSerialType.indexOf(request.properties()).orElse(machine.serials());
                Request placed = new Request(request.where(), request.type(),
                        request.properties().with(IsaSerialType.INDEX, index), request.references());
                add(machine, placed, new Declared(chardevs, null, IsaSerialType.TYPE.placeOf(placed.properties())));
            }
        }
    }

    /** Adds the others and the images of loaders, in order, with the chardevs, drives and networks that they name. */
    void addOthers(MachineConfig.Builder machine, ChardevOptions chardevs, DriveOptions drives) {
        requests.stream().filter(Predicate.not(DeviceOptions::isSerial)).forEach(request -> {
            if (request.type() == LoaderType.TYPE) {
                machine.loader(LoaderType.loader(request.properties()));
            } else {
                add(machine, request, new Declared(chardevs, drives, request.type().name()));
            }
        });
    }

    /**
     * The chardevs and disks that other options declare.
     *
     * @param user the device that uses it, for messages
     */
    private record Declared(ChardevOptions chardevs, DriveOptions drives, String user) {
    }

    private void add(MachineConfig.Builder machine, Request request, Declared declared) {
        if (request.type() instanceof VirtioConsoleType && request.references().isEmpty()) {
            throw new UsageException(request.where() + ": nothing is connected to it; add"
                    + " -device virtconsole,chardev=ID after it");
        }
        Properties properties = request.properties();
        for (Map.Entry<Property<?>, Reference> entry : request.references().entrySet()) {
            properties = properties.withValue(entry.getKey(), find(entry.getKey(), entry.getValue(), declared));
        }
        try {
            machine.device(config.globals.apply(new DeviceConfig(request.type(), properties)));
        } catch (MachineException e) {
            throw new UsageException(request.where() + ": " + ErrorText.of(e).orElseThrow());
        }
    }

    private Object find(Property<?> property, Reference reference, Declared declared) {
        return switch (property.kind()) {
            case CHARDEV -> declared.chardevs().use(reference.where(), reference.id(), declared.user());
            case DRIVE -> declared.drives().use(reference.where(), reference.id());
            case OBJECT -> config.objects.use(reference.where(), reference.id(), property.accepted().getFirst());
            case NETDEV -> config.networks.use(reference.where(), reference.id());
            default -> throw new IllegalArgumentException(property + " names nothing");
        };
    }
}
