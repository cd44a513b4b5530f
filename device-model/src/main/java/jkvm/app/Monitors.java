package jkvm.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.app.options.HelpText;
import jkvm.app.options.MonitorConfig;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.hmp.MonitorServer;
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
    private Workers workers;
    private boolean isClosed;

    /** @param types of devices that can be plugged in */
    Monitors(Machine machine, MonitorHost host, DeviceTypes types) {
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

    private void openForPrograms(List<MonitorConfig> configs, Chardevs chardevs) {
        Accelerator.Kind accelerator = host.accelerator();
        boolean hasKvm = accelerator == Accelerator.Kind.KVM || Files.isWritable(Path.of(Kvm.DEVICE));
        QmpService qmp = new QmpService(machine, new QmpFacts(accelerator, hasKvm, types, chardevs::facts,
                host.vnc()),
                new HumanMonitor(machine, host));
        for (MonitorConfig config : configs) {
            var _ = qmp.serve(chardevs.openUnpaused(config.chardev()), config.pretty(), workers());
        }
    }

    /** Serves a monitor for people. On any thread; after {@link #close()} it does nothing. */
    synchronized void openForPeople(Chardev chardev) {
        if (!isClosed) {
            var _ = new MonitorServer(new HumanMonitor(machine, host), HelpText.NAME_AND_NUMBER, chardev,
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
        if (workers != null) {
            workers.close();
        }
    }
}
