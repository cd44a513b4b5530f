package jkvm.control.qmp;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.control.migrate.Migration;
import jkvm.control.migrate.MigrationCapability;
import jkvm.control.migrate.MigrationException;
import jkvm.control.migrate.MigrationListener;
import jkvm.control.migrate.MigrationParameter;
import jkvm.control.migrate.MigrationProgress;
import jkvm.control.migrate.MigrationSettings;
import jkvm.control.migrate.MigrationStatus;
import jkvm.json.Json;

/** Commands and events of migrations. */
final class MigrationCommands {
    private static final Types.Scalar<Json> NUMBER = new Types.Scalar<>(new TypeShape.Builtin("number", "number"),
            "number", value -> value, value -> value);
    private static final Types.Choice<MigrationStatus> STATUS =
            Types.choice("MigrationStatus", MigrationStatus.values(), MigrationStatus::text);
    private static final Types.Choice<MigrationCapability> CAPABILITY =
            Types.choice("MigrationCapability", MigrationCapability.values(), MigrationCapability::text);

    private static final Argument<String> URI = Argument.required("uri", Types.STR);
    private static final Argument<Boolean> BLOCK = Argument.optional("blk", Types.BOOL);
    private static final Argument<Boolean> INCREMENTAL = Argument.optional("inc", Types.BOOL);
    /** Without effect, as in QEMU: the command never waits. */
    private static final Argument<Boolean> DETACH = Argument.optional("detach", Types.BOOL);
    private static final Argument<Boolean> RESUME = Argument.optional("resume", Types.BOOL);
    private static final Argument<MigrationStatus> STATE = Argument.required("state", STATUS);
    private static final Argument<MigrationCapability> NAME = Argument.required("capability", CAPABILITY);
    private static final Argument<Boolean> IS_ON = Argument.required("state", Types.BOOL);
    private static final Argument<List<Arguments>> CAPABILITIES = Argument.required("capabilities",
            Types.items(new InputObject("MigrationCapabilityStatus", List.of(NAME, IS_ON), false)));
    private static final Map<MigrationParameter, Argument<?>> PARAMETERS = parameters();

    private static final Struct<MigrationProgress.Ram> RAM = ram();
    private static final Struct<InetSocketAddress> ADDRESS = Struct.<InetSocketAddress>named("SocketAddress")
            .with("type", Types.STR, _ -> "inet")
            .with("host", Types.STR, address -> address.getAddress().getHostAddress())
            .with("port", Types.STR, address -> Integer.toString(address.getPort()));
    private static final Struct<MigrationProgress> PROGRESS = progress();

    private static final EventType<MigrationStatus> MIGRATION = new EventType<>("MIGRATION",
            Struct.<MigrationStatus>named("MigrationEvent").with("status", STATUS, status -> status));
    private static final EventType<Long> PASS = new EventType<>("MIGRATION_PASS",
            Struct.<Long>named("MigrationPassEvent").with("pass", Types.INT, pass -> pass));

    private final Migration migration;
    private final QmpEvents events;

    MigrationCommands(Migration migration, QmpEvents events) {
        this.migration = migration;
        this.events = events;
        events.declare(MIGRATION);
        events.declare(PASS);
        migration.addListener(new Teller());
    }

    private static Map<MigrationParameter, Argument<?>> parameters() {
        Map<MigrationParameter, Argument<?>> arguments = new EnumMap<>(MigrationParameter.class);
        for (MigrationParameter parameter : MigrationParameter.values()) {
            arguments.put(parameter, switch (parameter.initial()) {
                case Boolean _ -> Argument.optional(parameter.text(), Types.BOOL);
                case String _ -> Argument.optional(parameter.text(), Types.STR);
                default -> Argument.optional(parameter.text(), Types.INT);
            });
        }
        return arguments;
    }

    private static Struct<MigrationProgress.Ram> ram() {
        return Struct.<MigrationProgress.Ram>named("MigrationStats")
                .with("transferred", Types.INT, MigrationProgress.Ram::transferred)
                .with("remaining", Types.INT, MigrationProgress.Ram::remaining)
                .with("total", Types.INT, MigrationProgress.Ram::total)
                .with("duplicate", Types.INT, MigrationProgress.Ram::zeroPages)
                .with("skipped", Types.INT, _ -> 0L)
                .with("normal", Types.INT, MigrationProgress.Ram::pages)
                .with("normal-bytes", Types.INT, ram -> ram.pages() * MigrationProgress.PAGE)
                .with("dirty-pages-rate", Types.INT, MigrationProgress.Ram::dirtyRate)
                .with("mbps", NUMBER, ram -> new Json.Real(Double.toString(ram.bitRate())))
                .with("dirty-sync-count", Types.INT, MigrationProgress.Ram::passes)
                .with("postcopy-requests", Types.INT, MigrationProgress.Ram::requests)
                .with("page-size", Types.INT, _ -> MigrationProgress.PAGE)
                .with("multifd-bytes", Types.INT, _ -> 0L)
                .with("pages-per-second", Types.INT, MigrationProgress.Ram::pageRate)
                .with("precopy-bytes", Types.INT, MigrationProgress.Ram::beforeStop)
                .with("downtime-bytes", Types.INT, MigrationProgress.Ram::inDowntime)
                .with("postcopy-bytes", Types.INT, MigrationProgress.Ram::late)
                .with("dirty-sync-missed-zero-copy", Types.INT, _ -> 0L);
    }

    private static Struct<MigrationProgress> progress() {
        return Struct.<MigrationProgress>named("MigrationInfo")
                .optionally("status", STATUS, now -> Optional.of(now.status())
                        .filter(status -> status != MigrationStatus.NONE))
                .optionally("ram", RAM, MigrationProgress::ram)
                .optionally("total-time", Types.INT, now -> time(now.totalTime(), true))
                .optionally("expected-downtime", Types.INT, now -> time(now.downtime(),
                        now.status() != MigrationStatus.COMPLETED))
                .optionally("downtime", Types.INT, now -> time(now.downtime(),
                        now.status() == MigrationStatus.COMPLETED))
                .optionally("setup-time", Types.INT, now -> time(now.setupTime(), true))
                .optionally("cpu-throttle-percentage", Types.INT, now -> time(now.throttle(), now.throttle() > 0))
                .optionally("error-desc", Types.STR, MigrationProgress::error)
                .optionally("socket-address", Types.listOf(ADDRESS), now -> now.listensAt()
                        .flatMap(MigrationCommands::inet).map(List::of));
    }

    private static Optional<InetSocketAddress> inet(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? Optional.of(inet) : Optional.empty();
    }

    private static Optional<Long> time(long value, boolean isTold) {
        return Optional.of(value).filter(number -> isTold && number >= 0);
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("migrate").takes(URI, BLOCK, INCREMENTAL, DETACH, RESUME), this::migrate);
        table.add(Declaration.of("migrate_cancel"), _ -> migration.cancel());
        table.add(Declaration.of("migrate-continue").takes(STATE),
                arguments -> act(() -> migration.proceed(arguments.get(STATE))));
        table.add(Declaration.of("migrate-incoming").takes(URI),
                arguments -> act(() -> migration.listen(arguments.get(URI))));
        table.query(Declaration.of("query-migrate").answers(PROGRESS), _ -> migration.progress());
        table.add(Declaration.of("migrate-set-capabilities").takes(CAPABILITIES), this::switchCapabilities);
        table.query(Declaration.of("query-migrate-capabilities").answers(Types.listOf(capability())),
                _ -> List.of(MigrationCapability.values()));
        table.add(Declaration.of("migrate-set-parameters").takes(PARAMETERS.values().toArray(Argument<?>[]::new)),
                this::setParameters);
        table.query(Declaration.of("query-migrate-parameters").answers(settings()), _ -> migration.settings());
        table.add(Declaration.of("migrate-start-postcopy"), _ -> act(migration::startPostcopy));
        table.add(Declaration.of("migrate-pause").outOfBand(), _ -> {
            throw new QmpException(migration.progress().status() == MigrationStatus.POSTCOPY_ACTIVE
                    ? "not yet: migrate-pause: jkvm does not go on with post-copy over a new connection"
                    : "migrate-pause is currently only supported during postcopy-active state");
        });
        table.add(Declaration.of("migrate-recover").takes(URI).outOfBand(), _ -> {
            throw new QmpException(migration.progress().status() == MigrationStatus.POSTCOPY_PAUSED
                    ? "not yet: migrate-recover: jkvm does not go on with post-copy over a new connection"
                    : "Migrate recover can only be run when postcopy is paused.");
        });
    }

    private Struct<MigrationCapability> capability() {
        return Struct.<MigrationCapability>named("MigrationCapabilityStatus")
                .with("capability", CAPABILITY, capability -> capability)
                .with("state", Types.BOOL, migration.settings()::has);
    }

    private static Struct<MigrationSettings> settings() {
        Struct<MigrationSettings> struct = Struct.named("MigrationParameters");
        for (MigrationParameter parameter : MigrationParameter.values()) {
            String name = parameter.text();
            struct = switch (parameter.initial()) {
                case Boolean _ -> struct.optionally(name, Types.BOOL, from ->
                        Optional.of((Boolean) from.get(parameter)));
                case String _ -> struct.optionally(name, Types.STR, from ->
                        Optional.of((String) from.get(parameter)));
                default -> struct.optionally(name, Types.INT, from -> Optional.of((Long) from.get(parameter)));
            };
        }
        return struct;
    }

    /** An act of the migration. */
    @FunctionalInterface
    private interface Act {
        void run() throws MigrationException;
    }

    private static void act(Act act) throws QmpException {
        try {
            act.run();
        } catch (MigrationException e) {
            throw new QmpException(e.getMessage());
        }
    }

    private void migrate(Arguments arguments) throws QmpException {
        if (arguments.find(BLOCK).orElse(false) || arguments.find(INCREMENTAL).orElse(false)) {
            throw new QmpException("not yet: migration of disks; share them, or copy them by jkvm img");
        }
        if (arguments.find(RESUME).orElse(false)) {
            throw new QmpException(migration.progress().status() == MigrationStatus.POSTCOPY_PAUSED
                    ? "not yet: resume: jkvm does not go on with post-copy over a new connection"
                    : "Cannot resume if there is no paused migration");
        }
        act(() -> migration.start(arguments.get(URI)));
    }

    private void switchCapabilities(Arguments arguments) throws QmpException {
        Map<MigrationCapability, Boolean> states = new LinkedHashMap<>();
        arguments.get(CAPABILITIES).forEach(each -> states.put(each.get(NAME), each.get(IS_ON)));
        act(() -> migration.switchAll(states));
    }

    private void setParameters(Arguments arguments) throws QmpException {
        Map<MigrationParameter, Object> values = new EnumMap<>(MigrationParameter.class);
        PARAMETERS.forEach((parameter, argument) ->
                arguments.find(argument).ifPresent(value -> values.put(parameter, value)));
        act(() -> migration.settings().set(values));
    }

    private final class Teller implements MigrationListener {
        @Override
        public void status(MigrationStatus status) {
            if (isWanted()) {
                events.tell(MIGRATION, status);
            }
        }

        @Override
        public void pass(long number) {
            if (isWanted()) {
                events.tell(PASS, number);
            }
        }

        private boolean isWanted() {
            return migration.settings().has(MigrationCapability.EVENTS);
        }
    }
}
