package jkvm.control.qmp;

import java.util.LinkedHashMap;
import java.util.Map;
import jkvm.control.migrate.Migration;
import jkvm.control.migrate.MigrationException;
import jkvm.json.Json;
import jkvm.machine.DeviceReader;
import jkvm.machine.Machine;
import jkvm.machine.MachineDevices;
import jkvm.machine.config.HotplugException;

/**
 * Commands that add devices and their host sides to the machine, and remove them. Their other arguments are the
 * properties of the command line's options, which the machine's {@link DeviceReader} reads.
 */
final class DeviceCommands {
    private static final Argument<String> NAME = Argument.required("name", Types.STR);
    private static final Argument<Boolean> UP = Argument.required("up", Types.BOOL);
    private static final Argument<String> DRIVER = Argument.required("driver", Types.STR);
    private static final Argument<String> BUS = Argument.optional("bus", Types.STR);
    private static final Argument<String> ID = Argument.required("id", Types.STR);
    private static final Argument<String> ANY_ID = Argument.optional("id", Types.STR);
    private static final Argument<String> NETWORK_TYPE = Argument.required("type", Types.STR);
    private static final Argument<String> NODE = Argument.required("node-name", Types.STR);
    private static final Argument<String> ANY_NODE = Argument.optional("node-name", Types.STR);

    private final MachineDevices devices;

    private final Migration migration;

    DeviceCommands(Machine machine, Migration migration) {
        devices = machine.devices();
        this.migration = migration;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("device_add").takes(DRIVER, BUS, ANY_ID).takesOthers(), arguments -> {
            requireNoMigration("device_add");
            RunCommands.await(devices.plug(read((reader, text) -> reader.device(text, devices), arguments, DRIVER,
                    BUS, ANY_ID)));
        });
        table.add(Declaration.of("device_del").takes(ID), arguments -> {
            requireNoMigration("device_del");
            RunCommands.await(devices.unplug(arguments.get(ID)));
        });
        table.add(Declaration.of("netdev_add").takes(NETWORK_TYPE, ID).takesOthers(), arguments ->
                RunCommands.await(devices.addNetwork(read(DeviceReader::network, arguments, NETWORK_TYPE, ID))));
        table.add(Declaration.of("netdev_del").takes(ID), arguments ->
                RunCommands.await(devices.removeNetwork(arguments.get(ID))));
        table.add(Declaration.of("set_link").takes(NAME, UP), arguments ->
                RunCommands.await(devices.plugCable(arguments.get(NAME), arguments.get(UP))));
        table.add(Declaration.of("blockdev-add").takes(DRIVER, ANY_NODE).takesOthers(), arguments ->
                RunCommands.await(devices.addNode(read((reader, text) -> reader.node(text, devices), arguments,
                        DRIVER, ANY_NODE))));
        table.add(Declaration.of("blockdev-del").takes(NODE), arguments ->
                RunCommands.await(devices.removeNode(arguments.get(NODE))));
    }

    private void requireNoMigration(String command) throws QmpException {
        try {
            migration.requireNoneFor(command);
        } catch (MigrationException e) {
            throw new QmpException(e.getMessage());
        }
    }

    /** Reads one thing from the text of an option. */
    @FunctionalInterface
    private interface Reading<T> {
        T read(DeviceReader reader, String text);
    }

    /** @param declared the arguments besides the others, all of them texts */
    @SafeVarargs
    private <T> T read(Reading<T> reading, Arguments arguments, Argument<String>... declared) throws QmpException {
        Map<String, Json> members = new LinkedHashMap<>();
        for (Argument<String> argument : declared) {
            arguments.find(argument).ifPresent(value -> members.put(argument.name(), new Json.Text(value)));
        }
        members.putAll(arguments.others().values());
        try {
            return reading.read(devices.reader(), new Json.Members(members).line());
        } catch (HotplugException e) {
            throw new QmpException(e.getMessage());
        }
    }
}
