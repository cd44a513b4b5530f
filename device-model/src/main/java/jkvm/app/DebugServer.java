package jkvm.app;

import java.util.Optional;
import jkvm.app.options.DebuggerOption;
import jkvm.app.options.ErrorText;
import jkvm.control.gdb.GdbServer;
import jkvm.control.hmp.DebuggerSwitch;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.machine.Machine;
import jkvm.machine.MachineExit;
import jkvm.soft.Accelerator;
import jkvm.work.Workers;

/**
 * The machine's gdb server: that of the command line, and those that monitors start and stop. Closed after the
 * machine's run, before the chardevs.
 *
 * <p>Lock: this object's, also while a chardev opens or a server stops.
 */
final class DebugServer implements DebuggerSwitch, AutoCloseable {
    private final Machine machine;
    private final Accelerator.Kind accelerator;
    private final Chardevs chardevs;
    /** Null while there is no server, as the next two fields. */
    private GdbServer server;
    private Chardev chardev;
    private Workers workers;
    private boolean isOver;

    DebugServer(Machine machine, Accelerator.Kind accelerator, Chardevs chardevs) {
        this.machine = machine;
        this.accelerator = accelerator;
        this.chardevs = chardevs;
    }

    /** Starts the server of the command line. One that is asked to wait blocks here until its debugger has come. */
    synchronized void start(ChardevSpec spec) {
        boolean isWide = GdbServer.isWide(machine.config().boot().kernel());
        chardev = chardevs.openUnpaused(spec);
        workers = Workers.onThreads();
        server = new GdbServer(machine, chardev, isWide,
                new HumanMonitor(machine, MonitorHost.on(accelerator)), workers);
    }

    @Override
    public synchronized Optional<String> start(String device) {
        if (isOver) {
            return Optional.of("the machine has ended");
        }
        if (machine.debug().vcpus().isEmpty()) {
            return Optional.of(DebuggerOption.NO_CPU);
        }
        if (server != null) {
            return Optional.of("a gdb server runs already; 'gdbserver none' stops it");
        }
        try {
            ChardevSpec spec = DebuggerOption.later(device);
            if (waits(spec.backend())) {
                return Optional.of("the monitor does not wait for a debugger: add wait=off");
            }
            start(spec);
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(ErrorText.of(e).orElseThrow(() -> e));
        }
    }

    private static boolean waits(ChardevSpec.Backend backend) {
        return switch (backend) {
            case ChardevSpec.UnixServer unix -> unix.waits();
            case ChardevSpec.TcpServer tcp -> tcp.waits();
            case ChardevSpec.InheritedSocket inherited -> inherited.server() && inherited.waits();
            case ChardevSpec.Telnet telnet -> waits(telnet.socket());
            default -> false;
        };
    }

    @Override
    public synchronized Optional<String> stop() {
        if (server != null) {
            server.close();
            workers.close();
            chardevs.close(chardev);
            server = null;
        }
        return Optional.empty();
    }

    /** Runs the machine, and tells a debugger that is there how it ended. */
    MachineExit run() {
        MachineExit exit = machine.run();
        end(exit);
        return exit;
    }

    private synchronized void end(MachineExit exit) {
        isOver = true;
        if (server != null) {
            server.ended(exit.status());
        }
    }

    /** The chardev is left to the others' owner, who writes out what it holds. */
    @Override
    public synchronized void close() {
        isOver = true;
        if (server != null) {
            server.close();
            workers.close();
            server = null;
        }
    }
}
