package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.flag;
import static jkvm.control.hmp.Parameter.required;

import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import jkvm.control.hmp.Parameter.Kind;
import jkvm.control.migrate.Migration;
import jkvm.control.migrate.MigrationCapability;
import jkvm.control.migrate.MigrationException;
import jkvm.control.migrate.MigrationParameter;
import jkvm.control.migrate.MigrationProgress;
import jkvm.control.migrate.MigrationSettings;
import jkvm.control.migrate.MigrationStatus;
import jkvm.host.disk.ByteSize;
import jkvm.linux.Fd;

/** Commands that send the machine to another process, receive it from one, and show how far that is. */
final class MigrationCommands {
    private static final String NONE = "";
    private static final String DONE = "";
    private static final long KILO = 1024;
    private static final Parameter URI = required("uri", Kind.WORD);
    private static final Parameter NAME = required("fdname", Kind.WORD);

    private final Migration migration;
    private final Supplier<Optional<Fd>> passed;

    /** @param passed the descriptor that the user has passed longest ago, which is the caller's from then on */
    MigrationCommands(Migration migration, Supplier<Optional<Fd>> passed) {
        this.migration = migration;
        this.passed = passed;
    }

    void addTo(CommandTable commands, CommandTable infos) {
        commands.add(MonitorCommand.of("migrate", "[-d] [-b] [-i] [-r] uri", "migrate to URI (using -d to not wait for"
                + " completion); -b, -i and -r, for disks and resumption, are not there yet", this::migrate, flag('d'),
                flag('b'), flag('i'), flag('r'), URI));
        commands.add(MonitorCommand.of("migrate_cancel", NONE, "cancel the current VM migration", _ -> {
            migration.cancel();
            return DONE;
        }));
        commands.add(MonitorCommand.of("migrate_continue", "state", "Continue migration from the given paused state",
                this::proceed, required("state", Kind.WORD)));
        commands.add(MonitorCommand.of("migrate_start_postcopy", NONE, "Followup to a migration command to switch the"
                + " migration to postcopy mode. The postcopy-ram capability must be set on both source and destination"
                + " before the original migration command .", _ -> done(migration::startPostcopy)));
        commands.add(MonitorCommand.of("migrate_incoming", "uri",
                "Continue an incoming migration from an -incoming defer",
                arguments -> done(() -> migration.listen(arguments.word("uri"))), URI));
        commands.add(MonitorCommand.of("migrate_set_capability", "capability state",
                "Enable/Disable the usage of a capability for migration", this::setCapability,
                required("capability", Kind.WORD), required("state", Kind.WORD)));
        commands.add(MonitorCommand.of("migrate_set_parameter", "parameter value",
                "Set the parameter for migration", this::setParameter, required("parameter", Kind.WORD),
                required("value", Kind.WORD)));
        commands.add(MonitorCommand.of("getfd", "getfd name",
                "receive a file descriptor via SCM rights and assign it a name", arguments -> done(() ->
                        migration.descriptors().put(arguments.word("fdname"), passed.get())), NAME));
        commands.add(MonitorCommand.of("closefd", "closefd name",
                "close a file descriptor previously passed via SCM rights", arguments -> done(() ->
                        migration.descriptors().close(arguments.word("fdname"))), NAME));
        infos.add(MonitorCommand.of("migrate", NONE, "show migration status", _ -> status()));
        infos.add(MonitorCommand.of("migrate_capabilities", NONE, "show current migration capabilities",
                _ -> capabilities()));
        infos.add(MonitorCommand.of("migrate_parameters", NONE, "show current migration parameters",
                _ -> parameters()));
    }

    /** An act of the migration. */
    @FunctionalInterface
    private interface Act {
        void run() throws MigrationException;
    }

    private static String done(Act act) {
        try {
            act.run();
            return DONE;
        } catch (MigrationException e) {
            throw MonitorException.refused(e.getMessage());
        }
    }

    private String migrate(Arguments arguments) {
        return done(() -> {
            if (arguments.isSet('b') || arguments.isSet('i')) {
                throw new MigrationException("not yet: migration of disks; share them, or copy them by jkvm img");
            }
            if (arguments.isSet('r')) {
                throw new MigrationException("Cannot resume if there is no paused migration");
            }
            migration.start(arguments.word("uri"));
            if (!arguments.isSet('d')) {
                MigrationProgress end = migration.awaitEnd();
                if (end.status() == MigrationStatus.FAILED) {
                    throw new MigrationException(end.error().orElse("the migration failed"));
                }
            }
        });
    }

    private String proceed(Arguments arguments) {
        String wanted = arguments.word("state");
        for (MigrationStatus status : MigrationStatus.values()) {
            if (status.text().equals(wanted)) {
                return done(() -> migration.proceed(status));
            }
        }
        throw MonitorException.refused("invalid parameter value: " + wanted);
    }

    private String setCapability(Arguments arguments) {
        String name = arguments.word("capability");
        String state = arguments.word("state");
        if (!state.equals("on") && !state.equals("off")) {
            throw new MonitorException("Expected 'on' or 'off'\nTry \"help migrate_set_capability\" for more"
                    + " information");
        }
        for (MigrationCapability capability : MigrationCapability.values()) {
            if (capability.text().equals(name)) {
                return done(() -> migration.switchAll(Map.of(capability, state.equals("on"))));
            }
        }
        throw MonitorException.refused("invalid parameter value: " + name);
    }

    private String setParameter(Arguments arguments) {
        String name = arguments.word("parameter");
        String text = arguments.word("value");
        MigrationParameter parameter = MigrationParameter.find(name).orElseThrow(() ->
                MonitorException.refused("invalid parameter value: " + name));
        return done(() -> migration.settings().set(Map.of(parameter, value(parameter, text))));
    }

    private static Object value(MigrationParameter parameter, String text) {
        if (parameter.initial() instanceof String) {
            return text;
        }
        if (parameter.initial() instanceof Boolean) {
            if (!text.equals("on") && !text.equals("off")) {
                throw MonitorException.refused("Parameter '" + parameter.text() + "' expects 'on' or 'off'");
            }
            return text.equals("on");
        }
        if (parameter.isSize()) {
            OptionalLong size = ByteSize.parse(text, 'M');
            if (size.isEmpty()) {
                throw MonitorException.refused("Invalid size " + text);
            }
            return size.getAsLong();
        }
        try {
            return Long.decode(text);
        } catch (NumberFormatException _) {
            throw MonitorException.refused("Parameter '" + parameter.text() + "' expects a number");
        }
    }

    private String capabilities() {
        StringBuilder text = new StringBuilder();
        for (MigrationCapability capability : MigrationCapability.values()) {
            text.append(capability.text()).append(": ").append(onOff(migration.settings().has(capability)))
                    .append('\n');
        }
        return text.toString();
    }

    private String parameters() {
        MigrationSettings settings = migration.settings();
        StringBuilder text = new StringBuilder();
        for (MigrationParameter parameter : MigrationParameter.values()) {
            if (parameter.isListed()) {
                text.append(parameter.text()).append(": ").append(switch (settings.get(parameter)) {
                    case Boolean isOn -> onOff(isOn);
                    case Long number when parameter.isSize() && number < 0 ->
                            new BigInteger(Long.toUnsignedString(number)).toString();
                    case String word when parameter.initial().equals("") -> "'" + word + "'";
                    case Object other -> other.toString();
                }).append(parameter.unit().isEmpty() ? "" : " " + parameter.unit()).append('\n');
            }
        }
        return text.toString();
    }

    private static String onOff(boolean isOn) {
        return isOn ? "on" : "off";
    }

    private String status() {
        MigrationProgress now = migration.progress();
        StringBuilder text = new StringBuilder();
        if (now.status() != MigrationStatus.NONE) {
            text.append("Migration status: ").append(now.status().text());
            now.error().ifPresent(reason -> text.append(" (").append(reason).append(')'));
            text.append('\n');
        }
        number(text, "total time: %d ms\n", now.totalTime());
        if (now.downtime() >= 0) {
            String name = now.status() == MigrationStatus.COMPLETED ? "downtime" : "expected downtime";
            text.append(name).append(": ").append(now.downtime()).append(" ms\n");
        }
        number(text, "setup: %d ms\n", now.setupTime());
        now.ram().ifPresent(ram -> append(text, ram));
        if (now.throttle() > 0) {
            number(text, "cpu throttle percentage: %d\n", now.throttle());
        }
        now.listensAt().map(Object::toString).ifPresent(place -> text.append("socket address: ").append(place)
                .append('\n'));
        return text.toString();
    }

    private static void number(StringBuilder text, String format, long number) {
        if (number >= 0) {
            text.append(format.formatted(number));
        }
    }

    private static void append(StringBuilder text, MigrationProgress.Ram ram) {
        text.append("""
                transferred ram: %d kbytes
                throughput: %.2f mbps
                remaining ram: %d kbytes
                total ram: %d kbytes
                duplicate: %d pages
                skipped: 0 pages
                normal: %d pages
                normal bytes: %d kbytes
                dirty sync count: %d
                page size: %d kbytes
                multifd bytes: 0 kbytes
                pages-per-second: %d
                """.formatted(ram.transferred() / KILO, ram.bitRate(), ram.remaining() / KILO, ram.total() / KILO,
                ram.zeroPages(), ram.pages(), ram.pages() * MigrationProgress.PAGE / KILO, ram.passes(),
                MigrationProgress.PAGE / KILO, ram.pageRate()));
        Optional.of(ram.dirtyRate()).filter(rate -> rate > 0)
                .ifPresent(rate -> number(text, "dirty pages rate: %d pages\n", rate));
        number(text, "precopy ram: %d kbytes\n", ram.beforeStop() / KILO);
        Optional.of(ram.inDowntime()).filter(bytes -> bytes > 0)
                .ifPresent(bytes -> number(text, "downtime ram: %d kbytes\n", bytes / KILO));
        Optional.of(ram.late()).filter(bytes -> bytes > 0)
                .ifPresent(bytes -> number(text, "postcopy ram: %d kbytes\n", bytes / KILO));
        Optional.of(ram.requests()).filter(count -> count > 0)
                .ifPresent(count -> number(text, "postcopy request count: %d\n", count));
    }
}
