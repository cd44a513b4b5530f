package jkvm.control.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.disassembler.Disassembler;
import jkvm.disassembler.Instruction;
import jkvm.inspect.GuestCode;
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
    private static final int BEFORE = 8;
    private static final int FOLLOWING = 4;
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
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
            KvmRegs regs = vcpu.regs();
            KvmSregs sregs = vcpu.sregs();
            return new EndState(RegisterDump.of(regs, sregs), code(new GuestCode(machine.memory(), regs, sregs)));
        } catch (LinuxException | IllegalStateException _) {
            return UNKNOWN;
        }
    }

    private static List<RunReport.CodeLine> code(GuestCode code) {
        Disassembler intel = Disassembler.intel();
        List<Instruction> before = code.preceding(intel, BEFORE);
        List<RunReport.CodeLine> lines = new ArrayList<>();
        int at = -before.stream().mapToInt(Instruction::length).sum();
        for (Instruction instruction : before) {
            lines.add(line(code, at, instruction));
            at += instruction.length();
        }
        for (Instruction instruction : code.following(intel, FOLLOWING)) {
            lines.add(line(code, at, instruction));
            at += instruction.length();
        }
        return lines;
    }

    /** @param at the instruction's distance from RIP */
    private static RunReport.CodeLine line(GuestCode code, int at, Instruction instruction) {
        return new RunReport.CodeLine(code.address(at), HEX.formatHex(code.bytes(at, instruction.length())),
                instruction.text(), at == 0);
    }
}
