package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmDebugRegs;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmMsrs;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs2;
import jkvm.abi.KvmVcpuEvents;
import jkvm.abi.KvmXcrs;
import jkvm.abi.KvmXsave;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@OnEachKvm
class VcpuRegistersTest {
    private static final int IA32_SYSENTER_CS = 0x174;
    private static final int NO_SUCH_MSR = 0x1234_5678;
    private static final String HLT = "f4";
    private TinyGuest guest;
    private Vcpu vcpu;

    @BeforeEach
    void open(Syscalls kvm) {
        guest = new TinyGuest(kvm, HLT, Vm::createIrqchip);
        vcpu = guest.vcpu;
    }

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void shouldReadBackGeneralAndSpecialRegisters() {
        KvmRegs regs = vcpu.regs();
        regs.r15(0x1122334455667788L);
        vcpu.regs(regs);
        assertEquals(0x1122334455667788L, vcpu.readRegs(new KvmRegs()).r15());

        var sregs = vcpu.sregs();
        sregs.gdt().base(0x5000);
        sregs.gdt().limit(0x27);
        vcpu.sregs(sregs);
        assertEquals(0x5000, vcpu.sregs().gdt().base());
        assertEquals(0x27, vcpu.sregs().gdt().limit());
    }

    @Test
    void shouldReadBackSpecialRegistersInTheirSecondForm() throws Throwable {
        guest.uses(KvmCap.SREGS2, () -> {
            KvmSregs2 sregs = vcpu.sregs2();
            sregs.common().idt().limit(0x3ff);
            vcpu.sregs2(sregs);
            assertEquals(0x3ff, vcpu.readSregs2(new KvmSregs2()).common().idt().limit());
        });
    }

    @Test
    void shouldReadBackFloatingPointState() {
        KvmFpu fpu = vcpu.fpu();
        fpu.xmm(3).set(ValueLayout.JAVA_LONG, 8, 0xfedcL);
        fpu.fpr(1).set(ValueLayout.JAVA_LONG, 0, 0x1234L);
        fpu.fcw(0x27f);
        vcpu.fpu(fpu);

        KvmFpu read = vcpu.readFpu(new KvmFpu());
        assertEquals(0x27f, read.fcw());
        assertEquals(0xfedcL, read.xmm(3).get(ValueLayout.JAVA_LONG, 8));
        assertEquals(0x1234L, read.fpr(1).get(ValueLayout.JAVA_LONG, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> fpu.xmm(16));
    }

    @Test
    void shouldReadBackExtendedState() throws Throwable {
        guest.uses(KvmCap.XSAVE, () -> {
            KvmXsave area = vcpu.xsave();
            area.mxcsr(0x1fa0);
            area.xstateBv(area.xstateBv() | 3);
            vcpu.xsave(area);
            assertEquals(0x1fa0, vcpu.xsave().mxcsr());
        });
        guest.uses(KvmCap.XSAVE2, () -> {
            assertEquals(vcpu.xsaveSize(), vcpu.xsave2().size());
            vcpu.xsave(vcpu.xsave2());
        });
    }

    @Test
    void shouldReadBackExtendedControlRegisters() throws Throwable {
        guest.uses(KvmCap.XCRS, () -> {
            vcpu.cpuid(guest.kvm.supportedCpuid());
            KvmXcrs xcrs = vcpu.xcrs();
            vcpu.xcrs(xcrs);
            if (xcrs.nrXcrs() > 0) {
                assertEquals(0, xcrs.xcr(0));
                assertEquals(1, xcrs.value(0) & 1, "x87 is always on");
            }
        });
    }

    @Test
    void shouldSetAndTellCpuid() {
        KvmCpuid2 cpuid = guest.kvm.supportedCpuid().copy(1);
        cpuid.add(0x4000_00aa).ebx(0x6d766b6a);
        vcpu.cpuid(cpuid);

        assertEquals(0x6d766b6a, vcpu.cpuid().find(0x4000_00aa, 0).ebx());
        assertNotNull(vcpu.cpuid().find(1, 0));
    }

    @Test
    void shouldReadAndWriteModelSpecificRegistersUpToTheFirstThatFails() {
        KvmMsrs msrs = KvmMsrs.of(IA32_SYSENTER_CS, NO_SUCH_MSR, IA32_SYSENTER_CS + 1);
        msrs.data(0, 0x10);

        assertEquals(1, vcpu.writeMsrs(msrs));
        assertEquals(1, vcpu.readMsrs(msrs));
        assertEquals(0x10, msrs.data(0));
        vcpu.msr(IA32_SYSENTER_CS, 0x18);
        assertEquals(0x18, vcpu.msr(IA32_SYSENTER_CS));
        assertEquals("MSR 0x12345678 cannot be read",
                assertThrows(IllegalArgumentException.class, () -> vcpu.msr(NO_SUCH_MSR)).getMessage());
        assertThrows(IllegalArgumentException.class, () -> vcpu.msr(NO_SUCH_MSR, 1));
    }

    @Test
    void shouldReadBackTheLocalApic() {
        KvmLapicState lapic = vcpu.lapic();
        assertNotEquals(0, lapic.register(KvmLapicState.VERSION_REGISTER));
        lapic.register(KvmLapicState.TPR_REGISTER, 0x50);
        vcpu.lapic(lapic);

        assertEquals(0x50, vcpu.readLapic(new KvmLapicState()).register(KvmLapicState.TPR_REGISTER));
        assertThrows(IndexOutOfBoundsException.class, () -> lapic.register(0x400));
    }

    @Test
    void shouldReadBackEventsDebugRegistersAndState() throws Throwable {
        guest.uses(KvmCap.VCPU_EVENTS, () -> {
            KvmVcpuEvents events = vcpu.events();
            events.nmiMasked(true);
            events.flags(0);
            vcpu.events(events);
            assertTrue(vcpu.readEvents(new KvmVcpuEvents()).isNmiMasked());
        });
        guest.uses(KvmCap.DEBUGREGS, () -> {
            KvmDebugRegs debug = vcpu.debugRegs();
            debug.db(2, 0x4444);
            vcpu.debugRegs(debug);
            assertEquals(0x4444, vcpu.readDebugRegs(new KvmDebugRegs()).db(2));
        });
        guest.uses(KvmCap.MP_STATE, () -> {
            KvmMpState state = vcpu.mpState();
            assertEquals(KvmMpState.RUNNABLE, state.mpState());
            state.mpState(KvmMpState.HALTED);
            vcpu.mpState(state);
            assertEquals(KvmMpState.HALTED, vcpu.mpState().mpState());
            assertEquals(KvmMpState.UNINITIALIZED, guest.vm.createVcpu(1).mpState().mpState());
        });
    }

    @Test
    void shouldTellAndSetTheTscFrequency() throws Throwable {
        guest.uses(KvmCap.GET_TSC_KHZ, () -> assertTrue(vcpu.tscKhz() > 0));
        guest.uses(KvmCap.TSC_CONTROL, () -> {
            vcpu.tscKhz(1_000_000);
            assertEquals(1_000_000, vcpu.tscKhz());
        });
    }

    @Test
    void shouldReadAndWriteNestedStateOrSayThatThereIsNone() throws Throwable {
        guest.uses(KvmCap.NESTED_STATE, () -> vcpu.nestedState(vcpu.nestedState()));
    }

    @Test
    void shouldOfferTheTscOffsetAsAnAttribute() throws Throwable {
        guest.uses(KvmCap.VCPU_ATTRIBUTES, () -> {
            assertFalse(vcpu.attributes().has(77, 77));
            if (vcpu.attributes().has(0, 0)) {
                vcpu.attributes().writeLong(0, 0, 4096);
                long offset = vcpu.attributes().readLong(0, 0);
                assertTrue(offset == 4096 || offset == 0, "taken, or a KVM that runs all guests on the host's TSC");
            }
        });
    }

    @Test
    void shouldShareRegistersThroughMemory() throws Throwable {
        guest.uses(KvmCap.SYNC_REGS, () -> {
            // mov dx, 0x10; out dx, al; inc ax; out dx, al
            guest.load(TinyGuest.CODE, "ba 10 00 ee 40 ee");
            vcpu.syncRegisters(7);
            guest.runTo(KvmExit.IO);
            assertEquals(0x10, vcpu.kvmRun().syncRegs().rdx());
            assertEquals(0, vcpu.kvmRun().syncSregs().cs().base());
            assertFalse(vcpu.kvmRun().syncEvents().isNmiMasked());
            assertEquals(7, guest.vm.checkExtension(KvmCap.SYNC_REGS) & 7);
        });
        assertThrows(MissingCapabilityException.class, () -> vcpu.syncRegisters(1 << 20));
    }
}
