package jkvm.control.qmp;

import jkvm.control.block.BlockJobs;
import jkvm.control.hmp.HumanMonitor;
import jkvm.host.chardev.Chardev;
import jkvm.machine.Machine;
import jkvm.work.Workers;

/**
 * The commands and events of one machine, for any number of monitors.
 *
 * <pre>{@code
 * QmpService service = new QmpService(machine, facts, new HumanMonitor(machine, host));
 * try (QmpServer server = service.serve(chardev, false, workers)) {
 *     machine.run();
 * }
 * }</pre>
 */
public final class QmpService {
    private final CommandTable table = new CommandTable();
    private final QmpEvents events;

    /**
     * Before the machine runs: later events would be missed.
     *
     * @param monitor for human-monitor-command, with no other user
     */
    public QmpService(Machine machine, QmpFacts facts, HumanMonitor monitor) {
        events = new QmpEvents(machine);
        QmpSession.addTo(table);
        new SelfCommands(table, events, monitor).addTo(table);
        YankCommands.addTo(table);
        new RunCommands(machine).addTo(table);
        new MachineCommands(machine, facts).addTo(table);
        new CpuCommands(machine).addTo(table);
        new MemoryCommands(machine).addTo(table);
        new KeyCommands(machine).addTo(table);
        new ScreenCommands(machine).addTo(table);
        new InputCommands(machine).addTo(table);
        new VncCommands(facts.vnc(), events).addTo(table);
        new ChardevCommands(facts).addTo(table);
        BlockCommands blocks = new BlockCommands(machine);
        blocks.addTo(table);
        new SnapshotCommands(machine, blocks, monitor.jobs()).addTo(table);
        new MediumCommands(machine).addTo(table);
        new JobCommands(monitor.jobs(), events).addTo(table);
        new MigrationCommands(monitor.migration(), events).addTo(table);
        new DescriptorCommands(monitor.migration().descriptors()).addTo(table);
        BlockJobs disks = new BlockJobs(machine, monitor.jobs());
        new BlockJobCommands(disks).addTo(table);
        new OverlayCommands(disks).addTo(table);
        new CreateCommand(disks).addTo(table);
        new PciCommands(machine).addTo(table);
        new ObjectCommands(machine, facts).addTo(table);
        new DeviceCommands(machine, monitor.migration()).addTo(table);
    }

    /**
     * Serves clients of a chardev, one after the other.
     *
     * @param chardev  goes on while the machine is paused
     * @param isPretty true to indent the documents
     * @param workers  that are not the machine's
     */
    public QmpServer serve(Chardev chardev, boolean isPretty, Workers workers) {
        return new QmpServer(table, events, chardev, isPretty, workers);
    }
}
