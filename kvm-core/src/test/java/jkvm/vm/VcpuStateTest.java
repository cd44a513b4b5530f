package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmRegs;
import jkvm.linux.Syscalls;
import jkvm.state.StateBuffer;
import jkvm.state.StateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@OnEachKvm
@Timeout(20)
class VcpuStateTest {
    private static final int IA32_SYSENTER_CS = 0x174;
    private static final int IA32_TSC = 0x10;
    private static final int NO_SUCH_MSR = 0x1234_5678;
    /** inc ax; out 0x10, al; mov bx, 0x55; out 0x10, al; hlt. */
    private static final String CODE = "40 e6 10 bb 55 00 e6 10 f4";

    private final Syscalls kvm;

    VcpuStateTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @Test
    void shouldRunTheSameAgainAfterARestore() {
        try (TinyGuest guest = new TinyGuest(kvm, CODE, Vm::createIrqchip)) {
            Vcpu vcpu = guest.vcpu;
            vcpu.msr(IA32_SYSENTER_CS, 0x10);
            VcpuState powerOn = VcpuState.capture(vcpu, guest.kvm.msrIndexList());
            KvmRegs before = vcpu.regs();
            int controlWord = vcpu.fpu().fcw();
            for (int round = 0; round < 3; round++) {
                guest.runTo(KvmExit.IO);
                assertEquals(1, vcpu.kvmRun().data(vcpu.kvmRun().ioDataOffset(), 1));
                vcpu.interrupt();
                vcpu.run();
                vcpu.clearInterrupt();
                spoil(vcpu);

                powerOn.restore(vcpu);

                assertEquals(before.rip(), vcpu.regs().rip());
                assertEquals(0x10, vcpu.msr(IA32_SYSENTER_CS));
                assertEquals(KvmMpState.RUNNABLE, vcpu.mpState().mpState());
                assertEquals(0, vcpu.debugRegs().db(0));
                assertEquals(controlWord, vcpu.fpu().fcw());
            }
        }
    }

    private static void spoil(Vcpu vcpu) {
        vcpu.msr(IA32_SYSENTER_CS, 0x20);
        var sregs = vcpu.sregs();
        sregs.cs().base(0x7000);
        vcpu.sregs(sregs);
        KvmFpu fpu = vcpu.fpu();
        fpu.fcw(0x27f);
        vcpu.fpu(fpu);
        var debug = vcpu.debugRegs();
        debug.db(0, 0x1111);
        vcpu.debugRegs(debug);
        KvmMpState state = new KvmMpState();
        state.mpState(KvmMpState.HALTED);
        vcpu.mpState(state);
    }

    @Test
    void shouldLeaveOutRegistersThatTheVcpuDoesNotHave() {
        try (TinyGuest guest = new TinyGuest(kvm, CODE)) {
            VcpuState state = VcpuState.capture(guest.vcpu,
                    new int[] {NO_SUCH_MSR, IA32_SYSENTER_CS, NO_SUCH_MSR + 1, IA32_SYSENTER_CS + 1});

            assertEquals(2, state.msrs().nmsrs());
            assertEquals(IA32_SYSENTER_CS, state.msrs().index(0));
            assertEquals(IA32_SYSENTER_CS + 1, state.msrs().index(1));
        }
    }

    @Test
    void shouldSkipARegisterThatCannotBeWritten() {
        try (TinyGuest guest = new TinyGuest(kvm, CODE)) {
            VcpuState state = VcpuState.capture(guest.vcpu, new int[] {IA32_SYSENTER_CS, IA32_SYSENTER_CS + 1});
            state.msrs().set(0, NO_SUCH_MSR, 1);
            state.msrs().data(1, 0x77);

            state.restore(guest.vcpu);

            assertEquals(0x77, guest.vcpu.msr(IA32_SYSENTER_CS + 1));
        }
    }

    @Test
    void shouldRestoreWithoutAnInterruptControllerAndWithSecondaryVcpus() {
        try (TinyGuest guest = new TinyGuest(kvm, CODE)) {
            VcpuState.capture(guest.vcpu, guest.kvm.msrIndexList()).restore(guest.vcpu);
            guest.runTo(KvmExit.IO);
        }
        try (TinyGuest guest = new TinyGuest(kvm, CODE, Vm::createIrqchip)) {
            Vcpu second = guest.vm.createVcpu(1);
            VcpuState state = VcpuState.capture(second, guest.kvm.msrIndexList());
            KvmMpState running = new KvmMpState();
            second.mpState(running);

            state.restore(second);

            assertEquals(KvmMpState.UNINITIALIZED, second.mpState().mpState());
            int[] indices = IntStream.range(0, state.msrs().nmsrs()).map(state.msrs()::index).toArray();
            assertTrue(Arrays.stream(indices).anyMatch(index -> index == IA32_SYSENTER_CS));
        }
    }

    @Test
    void shouldGoOnInAnotherVm() {
        byte[] state;
        try (TinyGuest guest = new TinyGuest(kvm, CODE, Vm::createIrqchip)) {
            guest.vcpu.msr(IA32_SYSENTER_CS, 0x18);
            guest.runTo(KvmExit.IO);
            guest.vcpu.interrupt();
            guest.vcpu.run();
            state = save(guest);
        }
        try (TinyGuest next = new TinyGuest(kvm, CODE, Vm::createIrqchip)) {
            VcpuState present = VcpuState.capture(next.vcpu, next.kvm.msrIndexList());

            int[] refused = VcpuState.load(new StateBuffer("cpu0", state), present).restore(next.vcpu);

            assertEquals(0, refused.length, () -> Arrays.toString(refused));
            assertEquals(0x18, next.vcpu.msr(IA32_SYSENTER_CS));
            assertEquals(1, next.vcpu.regs().rax());
            next.runTo(KvmExit.IO);
            assertEquals(0x55, next.vcpu.regs().rbx());
        }
    }

    private static byte[] save(TinyGuest guest) {
        StateBuffer out = new StateBuffer("cpu0");
        VcpuState.capture(guest.vcpu, guest.kvm.msrIndexList()).save(out);
        return out.toByteArray();
    }

    @Test
    void shouldRefuseAStateThatIsCutShortOrOfAnotherKvm() {
        try (TinyGuest guest = new TinyGuest(kvm, CODE, Vm::createIrqchip)) {
            VcpuState present = VcpuState.capture(guest.vcpu, guest.kvm.msrIndexList());
            StateBuffer out = new StateBuffer("cpu0");
            present.save(out);
            byte[] state = out.toByteArray();
            for (int length = 0; length < state.length; length += 7) {
                byte[] cut = Arrays.copyOf(state, length);
                assertThrows(StateException.class, () -> VcpuState.load(new StateBuffer("cpu0", cut), present));
            }
        }
        byte[] withoutLapic;
        try (TinyGuest guest = new TinyGuest(kvm, CODE)) {
            withoutLapic = save(guest);
        }
        try (TinyGuest guest = new TinyGuest(kvm, CODE, Vm::createIrqchip)) {
            VcpuState present = VcpuState.capture(guest.vcpu, guest.kvm.msrIndexList());
            assertThrows(StateException.class,
                    () -> VcpuState.load(new StateBuffer("cpu0", withoutLapic), present));
        }
    }

    @Test
    void shouldLetTheTimeStampCounterGoOnFromWhereItWas() {
        byte[] state;
        long before;
        try (TinyGuest guest = new TinyGuest(kvm, CODE, Vm::createIrqchip)) {
            guest.vcpu.msr(IA32_TSC, 1L << 50);
            StateBuffer out = new StateBuffer("time");
            ClockState.capture(guest.vm, List.of(guest.vcpu)).save(out);
            state = out.toByteArray();
            before = guest.vcpu.msr(IA32_TSC);
        }
        try (TinyGuest next = new TinyGuest(kvm, CODE, Vm::createIrqchip)) {
            ClockState.load(new StateBuffer("time", state), 1).restore(next.vm, List.of(next.vcpu));

            long passed = next.vcpu.msr(IA32_TSC) - before;
            assertTrue(Math.abs(passed) < next.vcpu.tscKhz() * 1000L, () -> "after " + passed + " ticks");
            assertThrows(StateException.class, () -> ClockState.load(new StateBuffer("time", state), 2));
        }
    }
}
