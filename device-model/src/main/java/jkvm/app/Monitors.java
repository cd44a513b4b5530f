package jkvm.app;

import java.util.List;
import jkvm.app.options.MonitorConfig;
import jkvm.control.qmp.QmpFacts;
import jkvm.control.qmp.QmpService;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.Chardevs;
import jkvm.machine.Machine;
import jkvm.work.Workers;

/** The monitors of a machine's command line. Closed after its run, before the chardevs. */
final class Monitors implements AutoCloseable {
    private final Workers workers = Workers.onThreads();

    private Monitors() {
    }

    /** Opens all. A server that is asked to wait blocks here until its first client has come. */
    static Monitors open(Machine machine, QmpFacts facts, List<MonitorConfig> configs, Chardevs chardevs) {
        Monitors monitors = new Monitors();
        QmpService qmp = new QmpService(machine, facts);
        for (MonitorConfig config : configs) {
            Chardev chardev = chardevs.openUnpaused(config.chardev());
            var _ = qmp.serve(chardev, config.pretty(), monitors.workers);
        }
        return monitors;
    }

    @Override
    public void close() {
        workers.close();
    }
}
