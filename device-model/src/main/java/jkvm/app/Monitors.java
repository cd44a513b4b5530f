package jkvm.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.app.options.HelpText;
import jkvm.app.options.MigrationConfig;
import jkvm.app.options.MonitorConfig;
import jkvm.app.options.UsageException;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.hmp.MonitorServer;
import jkvm.control.migrate.Migration;
import jkvm.control.migrate.MigrationException;
import jkvm.control.qmp.QmpFacts;
import jkvm.control.qmp.QmpService;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.Chardevs;
import jkvm.machine.Machine;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.vm.Kvm;
import jkvm.work.Workers;

/**
 * The monitors of a machine's command line: those that it names, and those that a user starts with Ctrl-A c. Closed
 * after the machine's run, before the chardevs. A machine without monitors loads none of their classes.
 */
final class Monitors implements AutoCloseable {
    private final Machine machine;
    private final MonitorHost host;
    private final DeviceTypes types;
    private final MigrationConfig migrationConfig;
    private Workers workers;
    /** Null before the first monitor. Guarded by this. */
    private Migration migration;
    private boolean isClosed;

    /** @param types of devices that can be plugged in */
    Monitors(Machine machine, MonitorHost host, DeviceTypes types, MigrationConfig migration) {
        migrationConfig = migration;
        this.machine = machine;
        this.host = host;
        this.types = types;
    }

    /** Opens those of the command line. A server that is asked to wait blocks here until its first client has come. */
    void open(List<MonitorConfig> configs, Chardevs chardevs) {
        List<MonitorConfig> programs = new ArrayList<>();
        for (MonitorConfig config : configs) {
            if (config.mode() == MonitorConfig.Mode.CONTROL) {
                programs.add(config);
            } else {
                openForPeople(chardevs.openUnpaused(config.chardev()));
            }
        }
        if (!programs.isEmpty()) {
            openForPrograms(programs, chardevs);
        }
    }

    /**
     * Lets the machine, which waits, receive its state.
     *
     * @param uri where from, as QEMU writes it; {@code defer} leaves that to a monitor
     */
    void receive(String uri) {
        Migration migrations = migration();
        migrations.expect();
        if (!uri.equals("defer")) {
            try {
                migrations.listen(uri);
            } catch (MigrationException e) {
                throw new UsageException("-incoming " + uri + ": " + e.getMessage());
            }
        }
    }

    private synchronized Migration migration() {
        if (migration == null) {
            migration = new Migration(machine, migrationConfig.credentials());
        }
        return migration;
    }

    private HumanMonitor monitor() {
        return new HumanMonitor(machine, host.with(migration()));
    }

    private void openForPrograms(List<MonitorConfig> configs, Chardevs chardevs) {
        Accelerator.Kind accelerator = host.accelerator();
        boolean hasKvm = accelerator == Accelerator.Kind.KVM || Files.isWritable(Path.of(Kvm.DEVICE));
        QmpService qmp = new QmpService(machine, new QmpFacts(accelerator, hasKvm, types, chardevs::facts,
                host.vnc()),
                monitor());
        for (MonitorConfig config : configs) {
            var _ = qmp.serve(chardevs.openUnpaused(config.chardev()), config.pretty(), workers());
        }
    }

    /** Serves a monitor for people. On any thread; after {@link #close()} it does nothing. */
    synchronized void openForPeople(Chardev chardev) {
        if (!isClosed) {
            var _ = new MonitorServer(monitor(), HelpText.NAME_AND_NUMBER, chardev,
                    workers());
        }
    }

    private synchronized Workers workers() {
        if (workers == null) {
            workers = Workers.onThreads();
        }
        return workers;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        // First: a monitor may wait for the end of a migration.
        if (migration != null) {
            migration.close();
        }
        if (workers != null) {
            workers.close();
        }
    }
}
