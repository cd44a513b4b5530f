package jkvm.control.guest;

import java.util.List;
import java.util.Optional;
import jkvm.inspect.FailureReport;
import jkvm.inspect.RegisterDump;
import jkvm.machine.MachineDebug;
import jkvm.machine.MachineExit;
import jkvm.machine.MachineState;
import jkvm.vm.Vcpu;

/** The state of a guest as text for people. */
final class GuestReport {
    /** The last characters of output that it shows. */
    private static final int SHOWN_OUTPUT = 2000;
    /** The last characters of which control characters other than these are left out. */
    private static final String SHOWN_CONTROLS = "\n\t";

    private GuestReport() {
    }

    /** Registers and code of all vCPUs. The machine stands. */
    static String vcpus(MachineDebug debug) {
        StringBuilder text = new StringBuilder();
        for (Vcpu vcpu : debug.vcpus()) {
            text.append("vCPU ").append(vcpu.id()).append(":\n").append(RegisterDump.of(vcpu.regs(), vcpu.sregs()))
                    .append(FailureReport.codeLine(debug.memory(), vcpu.regs(), vcpu.sregs()))
                    .append(FailureReport.instructionLine(debug.memory(), vcpu.regs(), vcpu.sregs()));
        }
        return text.toString();
    }

    /**
     * The whole report.
     *
     * @param vcpus    as {@link #vcpus} gave them, or why they are not known
     * @param consoles of the guest
     */
    static String of(MachineState state, Optional<MachineExit> exit, String vcpus, String exits,
            List<GuestConsole> consoles) {
        StringBuilder text = new StringBuilder("the guest is ").append(state);
        exit.ifPresent(end -> text.append(", with status ").append(end.status()));
        text.append('\n');
        exit.map(MachineExit::report).filter(report -> !report.isEmpty()).ifPresent(text::append);
        text.append(vcpus).append(exits);
        for (GuestConsole console : consoles) {
            text.append(output(console));
        }
        return text.toString();
    }

    private static String output(GuestConsole console) {
        String all = console.output();
        String last = all.substring(Math.max(0, all.length() - SHOWN_OUTPUT));
        StringBuilder text = new StringBuilder(console.label()).append(all.isEmpty() ? ": no output\n"
                : last.length() < all.length() ? ", the last output:\n" : ", all output:\n");
        last.chars().filter(c -> !Character.isISOControl(c) || SHOWN_CONTROLS.indexOf(c) >= 0)
                .forEach(c -> text.append((char) c));
        if (text.charAt(text.length() - 1) != '\n') {
            text.append('\n');
        }
        return text.toString();
    }
}
