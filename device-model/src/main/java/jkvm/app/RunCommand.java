package jkvm.app;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.AcceleratorOptions;
import jkvm.app.options.CommandLine;
import jkvm.app.options.ErrorText;
import jkvm.app.options.QemuOptions;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.job.Jobs;
import jkvm.control.trace.Tracing;
import jkvm.control.vnc.VncConfig;
import jkvm.control.vnc.VncServer;
import jkvm.control.vnc.VncServers;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.linux.Fd;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineExit;
import jkvm.machine.ShutdownCause;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.work.InstructionClock;
import jkvm.work.Workers;

/** A command line of QEMU's options: builds the machine and runs it to its end. */
final class RunCommand {
    private static final int STATUS_MASK = 0xFF;

    private RunCommand() {
    }

    /**
     * @param types what {@code -device} knows
     * @return the guest's exit code, QEMU's where QEMU has one; 1 with a report if the guest's processor failed
     */
    static int run(List<String> arguments, DeviceTypes types, PrintStream out, PrintStream err) {
        QemuOptions options = QemuOptions.read(arguments, types);
        Optional<String> information = options.information();
        if (information.isPresent()) {
            out.println(information.get());
            return 0;
        }
        CommandLine line = options.machine();
        PrintStream messages = line.messages().on(err);
        try {
            return run(line, out, messages);
        } catch (RuntimeException e) {
            return ErrorText.report(e, messages);
        }
    }

    private static int run(CommandLine line, PrintStream out, PrintStream err) {
        MachineExit exit;
        QuitSwitch quit = new QuitSwitch();
        try (SignalEnd _ = SignalEnd.install(quit, err); PidFile _ = PidFile.write(line.pidFile());
                Tracing tracing = new Tracing(line.log(), err);
                TableSignal _ = tracing.countsExits() ? TableSignal.listen(new FfmSyscalls(), tracing::printExits)
                        : null) {
            exit = run(line, tracing, new FfmSyscalls(), quit, out, err);
        }
        if (!exit.report().isEmpty()) {
            err.println(exit.report());
        }
        return exit.status() & STATUS_MASK;
    }

    private static MachineExit runMonitored(Machine machine, Accelerator accelerator, Tracing tracing,
            CommandLine line, Chardevs chardevs, VncServers vnc, Daemon daemon) {
        try (DebugServer debugger = new DebugServer(machine, accelerator.kind(), chardevs); Jobs jobs = new Jobs();
                Monitors monitors = new Monitors(machine,
                        new MonitorHost(accelerator.kind(), tracing::exitTable, debugger, vnc, jobs,
                                Optional.empty()),
                        line.types(), line.migration())) {
            monitors.open(line.monitors(), chardevs);
            line.migration().incoming().ifPresent(monitors::receive);
            chardevs.monitorStart(monitors::openForPeople);
            if (line.debugger().isPresent()) {
                debugger.start(line.debugger().get());
            }
            daemon.ready();
            return debugger.run();
        }
    }

    private static MachineExit runDebugged(Machine machine, Accelerator accelerator, ChardevSpec place,
            Chardevs chardevs, Daemon daemon) {
        try (DebugServer debugger = new DebugServer(machine, accelerator.kind(), chardevs)) {
            debugger.start(place);
            daemon.ready();
            return debugger.run();
        }
    }

    private static MachineExit runSteered(Machine machine, Accelerator accelerator, Tracing tracing,
            CommandLine line, Chardevs chardevs, VncServers vnc, Daemon daemon) {
        if (!line.monitors().isEmpty() || !line.monitorKeys().isEmpty() || line.migration().incoming().isPresent()) {
            return runMonitored(machine, accelerator, tracing, line, chardevs, vnc, daemon);
        }
        if (line.debugger().isPresent()) {
            return runDebugged(machine, accelerator, line.debugger().get(), chardevs, daemon);
        }
        daemon.ready();
        return machine.run();
    }

    /** The VNC servers that the command line asks for; says where they are. */
    private static VncServers openVnc(CommandLine line, Machine machine, PrintStream err) {
        VncServers servers = new VncServers();
        try {
            for (VncConfig config : line.vncs()) {
                VncServer server = servers.open(config, machine.display(), machine.input());
                server.facts().places().forEach(place -> err.println("VNC server running on " + place.text()));
            }
            return servers;
        } catch (RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    /** The machine ends before its chardevs do, which write out what they hold and give the terminal back. */
    private static MachineExit run(CommandLine line, Tracing tracing, Syscalls syscalls, QuitSwitch quit,
            PrintStream out, PrintStream err) {
        Daemon daemon = Daemon.of(syscalls, line.isDaemon());
        Workers threads = Workers.onThreads();
        try (Chardevs chardevs = new Chardevs(syscalls, out, err,
                () -> quit.quit(ShutdownCause.HOST_UI), threads)) {
            if (tracing.countsExits()) {
                chardevs.onTableKey(tracing::printExits);
                chardevs.onLiveKey(tracing::toggleTop, tracing.showOn(new Fd(syscalls, 2, "standard error")));
            }
            chardevs.withMonitors(line.monitorKeys());
            MachineConfig config = line.machine();
            InstructionClock clock = config.time().newClock().orElse(null);
            Accelerator accelerator = AcceleratorOptions.open(config.host().accelerators(),
                    tracing.options(config.softOptions(clock)), syscalls, err);
            MachineBuilder builder = new MachineBuilder(config, accelerator.syscalls(), chardevs::open)
                    .clock(clock).workers(threads);
            tracing.prepare(config, accelerator, builder);
            if (line.migration().incoming().isPresent()) {
                builder.awaitsState();
            }
            try (Machine machine = builder.build()) {
                machine.devices().readBy(line.reader());
                line.warnings().forEach(warning -> err.println("jkvm: warning: " + warning));
                builder.warnings().forEach(warning -> err.println("jkvm: warning: " + ErrorText.of(warning)));
                tracing.attach(machine);
                quit.connect(machine, chardevs::hurry);
                if (line.startsPaused()) {
                    var _ = machine.pause();
                }
                try (VncServers vnc = openVnc(line, machine, err);
                        Displays _ = Displays.open(line, machine, syscalls, err)) {
                    StartSnapshot snapshot = line.snapshot().map(tag -> StartSnapshot.load(machine, tag)).orElse(null);
                    MachineExit exit = runSteered(machine, accelerator, tracing, line, chardevs, vnc, daemon);
                    tracing.ended(exit);
                    return snapshot == null ? exit : snapshot.check(exit);
                }
            }
        }
    }
}
