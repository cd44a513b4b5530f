package jkvm.control.trace;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmGuestDebug;
import jkvm.abi.KvmMpState;
import jkvm.disassembler.Disassembler;
import jkvm.disassembler.Instruction;
import jkvm.machine.DebugMemory;
import jkvm.memory.GuestMemory;
import jkvm.soft.observe.SoftObserver;
import jkvm.vm.Vcpu;

/** The steps of one vCPU. On its thread, but for {@link #attach} and {@link #begin}, while it stands. */
final class StepRecorder implements SoftObserver {
    private static final HexFormat BYTES = HexFormat.ofDelimiter(" ");
    private static final int INT = 0xCD, INT3 = 0xCC, BREAKPOINT = 3;
    private static final int DR7 = 7;
    /** The first breakpoint is in force, for execution. */
    private static final long DR7_FIRST = 0x402;
    private static final String INDENT = " ".repeat(32);

    private final int id;
    private final StepConfig config;
    private final Consumer<String> log;
    private final Disassembler disassembler;
    private final List<StepDelivery> deliveries = new ArrayList<>();
    private Vcpu vcpu;
    private DebugMemory memory;
    private long number;
    private boolean stepping;
    /** KVM knows that it is to step. */
    private boolean isArmed;
    /** Before the instruction that is executed next; null if it is not of interest, or not known. */
    private StepState before;
    /** The same, of interest or not; null if it is not known. */
    private StepState last;

    StepRecorder(int id, StepConfig config, Consumer<String> log) {
        this.id = id;
        this.config = config;
        this.log = log;
        disassembler = config.att() ? Disassembler.att() : Disassembler.intel();
    }

    void attach(GuestMemory guestMemory, Vcpu newVcpu) {
        vcpu = newVcpu;
        memory = new DebugMemory(guestMemory, newVcpu);
    }

    /** The vCPU has its first registers: at the start, and after a reset. */
    void begin() {
        if (number >= config.last()) {
            return;
        }
        stepping = true;
        deliveries.clear();
        boolean runs = !vcpu.has(KvmCap.MP_STATE) || vcpu.mpState().mpState() == KvmMpState.RUNNABLE;
        last = runs ? StepState.of(vcpu, false) : null;
        before = runs ? next(last) : null;
        arm(runs ? softwareInterrupt(last) : InterruptGate.NONE);
    }

    boolean isStepping() {
        return stepping;
    }

    @Override
    public void delivered(int vector, long returns, long handler) {
        if (stepping) {
            deliveries.add(new StepDelivery(vector, returns, handler));
        }
    }

    /** KVM has stopped the vCPU after an instruction. */
    void stepped() {
        number++;
        StepState seen = before;
        StepState after = StepState.of(vcpu, seen != null && seen.usesVectors());
        if (seen != null) {
            write(seen, after);
        } else if (last != null && isTwo(disassemble(last, last.linear()), after)) {
            number++;
        }
        deliveries.clear();
        if (number >= config.last()) {
            vcpu.guestDebug(new KvmGuestDebug());
            stepping = false;
            before = null;
            return;
        }
        before = next(after);
        last = after;
        arm(softwareInterrupt(after));
    }

    /** True if the step took the instruction after this one, too. */
    private static boolean isTwo(Instruction instruction, StepState after) {
        return StepText.shadowsNext(instruction) && after.linear() != instruction.address() + instruction.length();
    }

    /**
     * Asks for the next exit: after one instruction, or at a software interrupt's handler. A processor does not step
     * into that: it clears TF.
     */
    private void arm(long handler) {
        KvmGuestDebug debug = new KvmGuestDebug();
        boolean isStep = handler == InterruptGate.NONE;
        if (isStep && isArmed) {
            return;
        }
        if (isStep) {
            debug.control(KvmGuestDebug.ENABLE | KvmGuestDebug.SINGLESTEP);
        } else {
            debug.control(KvmGuestDebug.ENABLE | KvmGuestDebug.USE_HW_BP);
            debug.debugreg(0, handler);
            debug.debugreg(DR7, DR7_FIRST);
        }
        vcpu.guestDebug(debug);
        isArmed = isStep;
    }

    /** The handler that the next instruction leads to, if that is INT n or INT3. */
    private long softwareInterrupt(StepState state) {
        byte[] code = memory.read(state.linear(), 2);
        int opcode = code == null ? 0 : code[0] & 0xFF;
        return opcode == INT ? new InterruptGate(state, memory).handler(code[1] & 0xFF)
                : opcode == INT3 ? new InterruptGate(state, memory).handler(BREAKPOINT) : InterruptGate.NONE;
    }

    /** The state before the next instruction, if that is of interest. */
    private StepState next(StepState now) {
        if (!config.wantsNumber(number + 1) || !config.wantsAddress(now.linear())) {
            return null;
        }
        boolean usesVectors = StepText.usesVectors(disassemble(now, now.linear()));
        return usesVectors && !now.usesVectors() ? StepState.of(vcpu, true) : now.withVectors(usesVectors);
    }

    /** The instruction at a linear address, as far as there is memory. */
    private Instruction disassemble(StepState state, long linear) {
        byte[] code = codeAt(linear);
        return code.length == 0 ? new Instruction(linear, 1, "(none)", List.of(), "(not in RAM)")
                : disassembler.decode(state.mode(), linear, code, 0);
    }

    private byte[] codeAt(long linear) {
        byte[] code = null;
        for (int length = Disassembler.MAX_LENGTH; length > 0 && code == null; length--) {
            code = memory.read(linear, length);
        }
        return code == null ? new byte[0] : code;
    }

    private void write(StepState first, StepState after) {
        StringBuilder text = new StringBuilder();
        StepDelivery delivery = deliveries.isEmpty()
                ? StepDelivery.between(first, after, memory, linear -> disassemble(first, linear))
                : deliveries.getLast();
        boolean atHandler = delivery != null && delivery.handler() == after.rip();
        // Delivered before the instruction: only the handler's first one was executed
        boolean isPreempted = delivery != null && delivery.returns() == first.rip() && !atHandler;
        Instruction executed = isPreempted ? null : instructions(text, first, after);
        if (delivery != null && !atHandler) {
            delivery(text, delivery, after);
            number += isPreempted ? 0 : 1;
            executed = disassemble(after, after.codeBase() + delivery.handler());
            line(text, after, executed);
        }
        String changes = new StepChanges(first, after).text()
                + new StepWrites(first, after, memory).text(executed, delivery != null);
        if (!changes.isEmpty()) {
            text.append(INDENT).append(changes.strip()).append('\n');
        }
        if (atHandler) {
            delivery(text, delivery, after);
        }
        log.accept(text.toString());
    }

    /** The instruction that was executed, and the one after it where no step ends between the two. */
    private Instruction instructions(StringBuilder text, StepState first, StepState after) {
        Instruction instruction = disassemble(first, first.linear());
        line(text, first, instruction);
        if (isTwo(instruction, after)) {
            instruction = disassemble(first, first.linear() + instruction.length());
            number++;
            line(text, first, instruction);
        }
        return instruction;
    }

    private void line(StringBuilder text, StepState state, Instruction instruction) {
        byte[] code = codeAt(instruction.address());
        String bytes = BYTES.formatHex(code, 0, Math.min(instruction.length(), code.length));
        String address = state.isLong() ? "%016x" : "%08x        ";
        text.append(("%4d %7d  " + address + "  %-24s %s%n").formatted(id, number, instruction.address(), bytes,
                instruction.text()));
    }

    private static void delivery(StringBuilder text, StepDelivery delivery, StepState state) {
        String vector = delivery.vector() == StepDelivery.UNKNOWN ? "interrupt or exception"
                : "vector 0x%02x".formatted(delivery.vector()) + (state.isProtected()
                ? StepText.vector(delivery.vector()) : "");
        text.append("---- %s: to 0x%x, returns to 0x%x%n".formatted(vector, delivery.handler(), delivery.returns()));
    }
}
