package jkvm.inspect;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.disassembler.Disassembler;
import jkvm.linux.LinuxException;
import jkvm.memory.GuestMemory;
import jkvm.vm.Vcpu;

/**
 * The report on a vCPU that cannot go on: the event and its meaning, the registers, the code at RIP, and advice. Made
 * on the thread that ran the vCPU; it reads the vCPU and guest memory, changes nothing and does not throw for what the
 * guest did. Lines end with a newline.
 */
public final class FailureReport {
    private static final long CR0_PE_BIT = 1;
    private static final String UNREADABLE = "??";
    private static final String NO_CODE = "<" + UNREADABLE + ">";
    private static final long RESET_RIP = 0xFFF0;
    private static final long RESET_CS_BASE = 0xFFFF_0000L;
    private static final int BYTES_BEFORE = 16;
    private static final int BYTES_FROM = 16;

    private FailureReport() {
    }

    /**
     * The report on an exit that ends the guest: shutdown, internal error, failed entry, or one that nothing handles.
     *
     * @param reason one of {@link jkvm.abi.KvmExit}
     */
    public static String ofExit(Vcpu vcpu, GuestMemory memory, int reason) {
        return report(vcpu, memory, FailureCause.ofExit(vcpu.kvmRun(), reason), reason == KvmExit.SHUTDOWN);
    }

    /** The report on a KVM_RUN that failed with an errno. */
    public static String ofRunFailure(Vcpu vcpu, GuestMemory memory, LinuxException failure) {
        return report(vcpu, memory, FailureCause.ofErrno(failure), false);
    }

    private static String report(Vcpu vcpu, GuestMemory memory, FailureCause cause, boolean isShutdown) {
        String state;
        String meaning = cause.meaning();
        try {
            KvmRegs regs = vcpu.regs();
            KvmSregs sregs = vcpu.sregs();
            String code = codeLine(memory, regs, sregs);
            state = RegisterDump.of(regs, sregs) + code + instructionLine(memory, regs, sregs);
            if (isShutdown && isReset(regs, sregs)) {
                meaning += "; KVM has reset the vCPU since, as it must on AMD: "
                        + "these registers are not those of the fault";
            } else if (code.contains(NO_CODE)) {
                meaning += "; RIP points where there is no memory: a wild jump, return or interrupt vector";
            }
        } catch (LinuxException | IllegalStateException e) {
            state = "registers: unavailable: " + e.getMessage() + "\n";
        }
        return "vCPU %d: %s\nmeaning: %s\n%stry: %s\n".formatted(vcpu.id(), cause.headline(), meaning, state,
                cause.advice());
    }

    /** True for the state after a reset, in which a vCPU that shut down can be only if KVM has put it there. */
    static boolean isReset(KvmRegs regs, KvmSregs sregs) {
        return regs.rip() == RESET_RIP && sregs.cs().base() == RESET_CS_BASE && (sregs.cr0() & CR0_PE_BIT) == 0;
    }

    /**
     * Up to 16 bytes on either side of RIP; the byte at RIP stands in angle brackets, what is not mapped or not in
     * memory shows as {@code ??}.
     */
    public static String codeLine(GuestMemory memory, KvmRegs regs, KvmSregs sregs) {
        GuestCode code = new GuestCode(memory, regs, sregs);
        StringBuilder line = new StringBuilder("Code=");
        for (int offset = -BYTES_BEFORE; offset < BYTES_FROM; offset++) {
            int at = code.byteAt(offset);
            String value = at == GuestCode.ABSENT ? UNREADABLE : "%02x".formatted(at);
            line.append(offset == -BYTES_BEFORE ? "" : " ").append(offset == 0 ? "<" + value + ">" : value);
        }
        return line.append('\n').toString();
    }

    /** The instruction at RIP, in Intel's style; nothing where there is no code. */
    public static String instructionLine(GuestMemory memory, KvmRegs regs, KvmSregs sregs) {
        return new GuestCode(memory, regs, sregs).following(Disassembler.intel(), 1).stream()
                .map(next -> "Next=" + next.text() + "\n").findFirst().orElse("");
    }
}
