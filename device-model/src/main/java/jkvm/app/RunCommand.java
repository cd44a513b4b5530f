package jkvm.app;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.AcceleratorOptions;
import jkvm.app.options.QemuOptions;
import jkvm.host.chardev.Chardevs;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineConfig;
import jkvm.machine.MachineExit;
import jkvm.machine.ShutdownCause;
import jkvm.soft.Accelerator;
import jkvm.work.InstructionClock;

/** A command line of QEMU's options: builds the machine and runs it to its end. */
final class RunCommand {
    private static final int STATUS_MASK = 0xFF;

    private RunCommand() {
    }

    /** @return the guest's exit code, QEMU's where QEMU has one; 1 with a report if the guest's processor failed */
    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        Optional<String> information = QemuOptions.information(arguments);
        if (information.isPresent()) {
            out.println(information.get());
            return 0;
        }
        MachineConfig config = QemuOptions.parse(arguments);
        MachineExit exit;
        QuitSwitch quit = new QuitSwitch();
        try (SignalEnd _ = SignalEnd.install(quit, err); PidFile _ = PidFile.write(config.pidFile())) {
            exit = run(config, new FfmSyscalls(), quit, out, err);
        }
        if (!exit.report().isEmpty()) {
            err.println(exit.report());
        }
        return exit.status() & STATUS_MASK;
    }

    /** The machine ends before its chardevs do, which write out what they hold and give the terminal back. */
    private static MachineExit run(MachineConfig config, Syscalls syscalls, QuitSwitch quit, PrintStream out,
            PrintStream err) {
        try (Chardevs chardevs = new Chardevs(syscalls, out, err,
                () -> quit.quit(ShutdownCause.HOST_UI))) {
            InstructionClock clock = config.counting().map(counting -> counting.newClock(config.rtc())).orElse(null);
            Accelerator accelerator = AcceleratorOptions.open(config.accelerators(), config.softOptions(clock),
                    syscalls, err);
            MachineBuilder builder = new MachineBuilder(config, accelerator.syscalls(), chardevs::open).clock(clock);
            try (Machine machine = builder.build()) {
                builder.warnings().forEach(warning -> err.println("jkvm: warning: " + warning));
                quit.connect(machine);
                return machine.run();
            }
        }
    }
}
