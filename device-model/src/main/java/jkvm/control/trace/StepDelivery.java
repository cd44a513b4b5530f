package jkvm.control.trace;

import jkvm.disassembler.Instruction;
import jkvm.disassembler.Operand;
import jkvm.machine.DebugMemory;

/**
 * An interrupt or exception between two steps.
 *
 * @param vector  0 to 255, or {@link #UNKNOWN}
 * @param returns RIP of the instruction that the handler returns to
 * @param handler RIP of the handler
 */
record StepDelivery(int vector, long returns, long handler) {
    /** Several vectors have this handler, and KVM does not tell. */
    static final int UNKNOWN = -1;
    private static final int VECTORS = 256;

    /** Disassembles what is at a linear address. */
    @FunctionalInterface
    interface Code {
        Instruction at(long linear);
    }

    /**
     * Concludes from the registers whether there was one, for a KVM that does not tell: the step did not end where the
     * instruction leads, but at a handler of the guest's table, or after a handler's first instruction.
     *
     * @return null if there was none
     */
    static StepDelivery between(StepState before, StepState after, DebugMemory memory, Code code) {
        Instruction instruction = code.at(before.linear());
        long end = before.linear() + instruction.length();
        InterruptGate gates = new InterruptGate(before, memory);
        boolean isInterrupt = StepText.isSoftwareInterrupt(instruction);
        if (!isInterrupt && (leadsAnywhere(instruction) || leadsTo(instruction, end, before, after.linear()))) {
            return null;
        }
        int vector = UNKNOWN;
        long handler = InterruptGate.NONE;
        for (int i = 0; i < VECTORS; i++) {
            long one = gates.handler(i);
            boolean fits = one != InterruptGate.NONE && (one == after.linear()
                    || !isInterrupt && one + code.at(one).length() == after.linear());
            if (fits) {
                vector = handler == InterruptGate.NONE ? i : UNKNOWN;
                handler = one;
            }
        }
        long returns = before.rip() + (isInterrupt ? instruction.length() : 0);
        return handler == InterruptGate.NONE ? null
                : new StepDelivery(isInterrupt ? StepText.interrupt(instruction) : vector, returns,
                        handler - after.codeBase());
    }

    /** True for an instruction whose target its operands do not tell. */
    private static boolean leadsAnywhere(Instruction instruction) {
        String name = instruction.mnemonic();
        boolean isTransfer = name.startsWith("j") || name.startsWith("call") || name.startsWith("l")
                && (name.startsWith("lcall") || name.startsWith("ljmp") || name.startsWith("lret"));
        return name.startsWith("ret") || name.startsWith("iret") || name.startsWith("sys") || name.equals("rsm")
                || isTransfer && !(instruction.operands().getFirst() instanceof Operand.Target);
    }

    private static boolean leadsTo(Instruction instruction, long end, StepState before, long place) {
        boolean isRepeated = instruction.text().startsWith("rep");
        boolean isShadow = StepText.shadowsNext(instruction);
        return place == end || isRepeated && place == before.linear() || isShadow
                || !instruction.operands().isEmpty()
                && instruction.operands().getFirst().equals(new Operand.Target(place));
    }
}
