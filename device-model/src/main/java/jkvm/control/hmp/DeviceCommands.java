package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.optional;
import static jkvm.control.hmp.Parameter.required;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import jkvm.control.hmp.Parameter.Kind;
import jkvm.control.migrate.Migration;
import jkvm.control.migrate.MigrationException;
import jkvm.host.input.Key;
import jkvm.machine.MachineDevices;

/** Commands that plug and unplug devices and host sides, press keys, and interrupt the vCPUs. */
final class DeviceCommands {
    private static final Duration HOLD = Duration.ofMillis(100);
    private static final long MAX_HOLD_MILLIS = 60_000;
    private static final Parameter ID = required("id", Kind.WORD);
    private static final Parameter OPTIONS = required("options", Kind.REST);

    private final MonitorSession session;
    private final MachineDevices devices;
    private final Migration migration;

    DeviceCommands(MonitorSession session, Migration migration) {
        this.session = session;
        this.migration = migration;
        devices = session.machine().devices();
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("device_add", "driver[,prop=value][,...]",
                "add device, like -device on the command line", arguments ->
                changed("device_add", () -> devices.plug(devices.reader().device(arguments.word("options"), devices))),
                OPTIONS));
        table.add(MonitorCommand.of("device_del", "device", "remove device",
                arguments -> changed("device_del", () -> devices.unplug(arguments.word("id"))), ID));
        table.add(MonitorCommand.of("netdev_add", "[user|tap|socket|hubport],id=str[,prop=value][,...]",
                "add host network device", arguments ->
                done(() -> devices.addNetwork(devices.reader().network(arguments.word("options")))), OPTIONS));
        table.add(MonitorCommand.of("netdev_del", "id", "remove host network device",
                arguments -> done(() -> devices.removeNetwork(arguments.word("id"))), ID));
        table.add(MonitorCommand.of("set_link", "name on|off", "change the link status of a network adapter",
                arguments -> plugCable(arguments.word("name"), arguments.word("up")),
                required("name", Kind.WORD), required("up", Kind.WORD)));
        table.add(MonitorCommand.of("drive_add", "bus file=file,if=none,id=str[,prop=value][,...]",
                "add drive to PCI storage controller", arguments -> {
                    String text = arguments.word("options");
                    done(() -> devices.addDrive(devices.reader().drive(text)));
                    return "OK\n";
                }, required("bus", Kind.WORD), OPTIONS));
        table.add(MonitorCommand.of("drive_del", "device", "remove host block device",
                arguments -> done(() -> devices.removeDrive(arguments.word("id"))), ID));
        table.add(MonitorCommand.of("sendkey", "keys [hold_ms]", "send keys to the VM (e.g. 'sendkey ctrl-alt-f1',"
                + " default hold time=100 ms)", this::sendKeys, required("keys", Kind.WORD),
                optional("hold_time", Kind.NUMBER)));
        table.add(MonitorCommand.of("nmi", "", "inject an NMI", _ -> interrupt()));
    }

    private String plugCable(String name, String up) {
        if (!up.equals("on") && !up.equals("off")) {
            return "Expected 'on' or 'off'\n";
        }
        return done(() -> devices.plugCable(name, up.equals("on")));
    }

    private String done(Supplier<CompletableFuture<Void>> wish) {
        session.await(wish);
        return "";
    }

    private String changed(String command, Supplier<CompletableFuture<Void>> wish) {
        try {
            migration.requireNoneFor(command);
        } catch (MigrationException e) {
            throw MonitorException.refused(e.getMessage());
        }
        return done(wish);
    }

    private String sendKeys(Arguments arguments) {
        List<Key> chord = new ArrayList<>();
        for (String name : arguments.word("keys").split("-", -1)) {
            chord.add(Key.named(name).orElseThrow(() -> new MonitorException("invalid parameter: " + name)));
        }
        Duration hold = arguments.optionalNumber("hold_time").isEmpty() ? HOLD
                : Duration.ofMillis(Math.clamp(arguments.number("hold_time"), 1, MAX_HOLD_MILLIS));
        return done(() -> session.machine().press(chord, hold));
    }

    private String interrupt() {
        return done(() -> session.machine().injectNmi());
    }
}
