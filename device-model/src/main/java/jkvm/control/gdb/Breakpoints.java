package jkvm.control.gdb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmGuestDebug;
import jkvm.machine.DebugMemory;
import jkvm.machine.MachineDebug;
import jkvm.vm.Vcpu;

/**
 * A debugger's breakpoints. They are in force while the guest runs only: {@link #arm} puts them into debug registers,
 * which the guest does not see, and what does not fit there into the code; {@link #disarm} takes them away, so that the
 * debugger reads the guest's own code. For one thread, besides {@link #rearm}.
 */
final class Breakpoints {
    /** The conditions of debug registers that are met, of DR6 (SDM volume 3, 18.2.3). */
    static final long CONDITIONS = 0xF;
    private static final int DEBUG_REGISTERS = 4;
    private static final int CONTROL_REGISTER = 7;
    private static final long CONTROL_DEFAULT = 0x400;
    private static final byte INT3 = (byte) 0xCC;

    private final MachineDebug machine;
    private final Set<Breakpoint> all = new LinkedHashSet<>();
    private final List<Breakpoint> inRegisters = new ArrayList<>();
    /** The guest's own bytes, by the physical addresses at which INT3 stands instead. */
    private final Map<Long, Byte> inCode = new LinkedHashMap<>();

    Breakpoints(MachineDebug machine) {
        this.machine = machine;
    }

    /** @return false if the processor has no room for it */
    boolean add(Breakpoint breakpoint) {
        if (!breakpoint.isPossible()) {
            return false;
        }
        long taken = all.stream().filter(this::needsRegister).count();
        if (needsRegister(breakpoint) && taken == DEBUG_REGISTERS && !all.contains(breakpoint)) {
            return false;
        }
        all.add(breakpoint);
        return true;
    }

    /** Software breakpoints may stand in the code, but for a replay: its moments are kept while it runs. */
    private boolean needsRegister(Breakpoint breakpoint) {
        return breakpoint.kind() != Breakpoint.Kind.SOFTWARE || machine.history().isPresent();
    }

    void remove(Breakpoint breakpoint) {
        all.remove(breakpoint);
    }

    void clear() {
        all.clear();
    }

    /** The breakpoint in a debug register. */
    Optional<Breakpoint> inRegister(int index) {
        return index < inRegisters.size() ? Optional.of(inRegisters.get(index)) : Optional.empty();
    }

    /**
     * Puts all in force on all vCPUs, before the guest resumes.
     *
     * @param stepping the vCPU that is to execute one instruction, whatever breakpoint is there; null for none
     */
    void arm(Vcpu stepping) {
        inRegisters.clear();
        List<Breakpoint> armed = new ArrayList<>(all);
        if (stepping != null) {
            long at = stepping.sregs().cs().base() + stepping.regs().rip();
            armed.removeIf(one -> one.isCode() && one.address() == at);
        }
        armed.stream().filter(one -> one.kind() != Breakpoint.Kind.SOFTWARE).forEach(inRegisters::add);
        for (Breakpoint breakpoint : armed) {
            if (breakpoint.kind() == Breakpoint.Kind.SOFTWARE) {
                if (inRegisters.size() < DEBUG_REGISTERS) {
                    inRegisters.add(breakpoint);
                } else {
                    patch(breakpoint.address());
                }
            }
        }
        for (Vcpu vcpu : machine.vcpus()) {
            vcpu.guestDebug(registers(vcpu == stepping ? step(vcpu) : 0));
        }
    }

    /** None is in force, nor a step: the guest resumes as if there were no debugger. */
    void rest() {
        inRegisters.clear();
        machine.vcpus().forEach(vcpu -> vcpu.guestDebug(new KvmGuestDebug()));
    }

    /**
     * A step does not lead into an interrupt's handler, where KVM can keep it out of there; but in a replay, where it
     * comes when it came.
     */
    private int step(Vcpu vcpu) {
        boolean holds = machine.history().isEmpty() && vcpu.has(KvmCap.SET_GUEST_DEBUG2);
        return KvmGuestDebug.SINGLESTEP | (holds ? KvmGuestDebug.BLOCKIRQ : 0);
    }

    private KvmGuestDebug registers(int step) {
        KvmGuestDebug debug = new KvmGuestDebug();
        if (inRegisters.isEmpty() && inCode.isEmpty() && step == 0) {
            return debug;
        }
        long control = CONTROL_DEFAULT;
        for (int i = 0; i < inRegisters.size(); i++) {
            debug.debugreg(i, inRegisters.get(i).address());
            control |= inRegisters.get(i).control(i);
        }
        debug.debugreg(CONTROL_REGISTER, control);
        debug.control(KvmGuestDebug.ENABLE | (inCode.isEmpty() ? 0 : KvmGuestDebug.USE_SW_BP)
                | (inRegisters.isEmpty() ? 0 : KvmGuestDebug.USE_HW_BP) | step);
        return debug;
    }

    /** Where code is that no vCPU can reach now, no INT3 is needed. */
    private synchronized void patch(long address) {
        for (Vcpu vcpu : machine.vcpus()) {
            long physical = new DebugMemory(machine.memory(), vcpu).physical(address, 1);
            if (physical != DebugMemory.ABSENT) {
                inCode.computeIfAbsent(physical, machine.memory()::readByte);
                machine.memory().writeByte(physical, INT3);
                return;
            }
        }
    }

    /** Takes INT3 out of the code, after the guest has stopped. */
    synchronized void disarm() {
        inCode.forEach(machine.memory()::writeByte);
        inCode.clear();
    }

    /** The machine was reset while it ran, and its code loaded anew. On the machine's thread. */
    synchronized void rearm() {
        for (Map.Entry<Long, Byte> patch : inCode.entrySet()) {
            patch.setValue(machine.memory().readByte(patch.getKey()));
            machine.memory().writeByte(patch.getKey(), INT3);
        }
    }
}
