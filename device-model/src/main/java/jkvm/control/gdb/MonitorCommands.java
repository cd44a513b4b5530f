package jkvm.control.gdb;

import jkvm.inspect.RegisterDump;
import jkvm.machine.Machine;
import jkvm.machine.MachineDebug;
import jkvm.vm.Vcpu;

/** The commands of {@code monitor COMMAND} in gdb: a few of QEMU's commands, under their names. */
final class MonitorCommands {
    private static final String HELP = """
            info cpus          the vCPUs and where they are
            info registers     all registers of the current one
            info status        whether the machine runs
            system_reset       resets the machine
            system_powerdown   presses the power button
            quit               ends the machine
            """;

    private final Machine machine;
    private final MachineDebug debug;

    MonitorCommands(Machine machine, MachineDebug debug) {
        this.machine = machine;
        this.debug = debug;
    }

    /** @return the command's output */
    String run(String command, Vcpu current) {
        return switch (command) {
            case "help", "" -> HELP;
            case "info registers" -> RegisterDump.of(current.regs(), current.sregs());
            case "info cpus" -> cpus(current);
            case "info status" -> "VM status: paused (debug)\n";
            case "system_reset" -> {
                machine.reset().join();
                yield "";
            }
            case "system_powerdown" -> {
                machine.powerButton().join();
                yield "";
            }
            case "quit" -> {
                machine.quit();
                yield "";
            }
            default -> "unknown command: '" + command + "'; `monitor help` lists them\n";
        };
    }

    private String cpus(Vcpu current) {
        StringBuilder text = new StringBuilder();
        for (Vcpu vcpu : debug.vcpus()) {
            text.append(vcpu == current ? "* " : "  ").append("CPU #%d: pc=0x%016x%n".formatted(vcpu.id(),
                    vcpu.regs().rip()));
        }
        return text.toString();
    }
}
