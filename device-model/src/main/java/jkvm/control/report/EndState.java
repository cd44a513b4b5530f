package jkvm.control.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jkvm.inspect.FailureReport;
import jkvm.inspect.RegisterDump;
import jkvm.linux.LinuxException;
import jkvm.machine.MachineDebug;
import jkvm.vm.Vcpu;

/**
 * A vCPU after its end.
 *
 * @param registers as text; empty if they could not be read
 * @param code      around RIP
 */
record EndState(String registers, List<RunReport.CodeLine> code) {
    /** Nothing is known. */
    static final EndState UNKNOWN = new EndState("", List.of());

    /** All vCPUs of a machine that has ended, by their numbers. */
    static Map<Integer, EndState> of(MachineDebug machine) {
        Map<Integer, EndState> ends = new HashMap<>();
        for (Vcpu vcpu : machine.vcpus()) {
            ends.put(vcpu.id(), of(vcpu, machine));
        }
        return ends;
    }

    private static EndState of(Vcpu vcpu, MachineDebug machine) {
        try {
            return new EndState(RegisterDump.of(vcpu.regs(), vcpu.sregs())
                    + FailureReport.codeLine(machine.memory(), vcpu.regs(), vcpu.sregs()), List.of());
        } catch (LinuxException | IllegalStateException _) {
            return UNKNOWN;
        }
    }
}
