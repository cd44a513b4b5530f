package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jkvm.abi.KvmCap;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmGuestDebug;
import jkvm.abi.KvmSignalMask;
import jkvm.abi.KvmTranslation;
import jkvm.abi.KvmX86Mce;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@OnEachKvm
@Timeout(20)
class VcpuDebugTest {
    private TinyGuest guest;
    private Vcpu vcpu;

    @BeforeEach
    void open(Syscalls kvm) {
        // inc ax; inc ax; int3; inc ax; hlt
        guest = new TinyGuest(kvm, "40 40 cc 40 f4", Vm::createIrqchip);
        vcpu = guest.vcpu;
    }

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void shouldStepOneInstructionAtATime() throws Throwable {
        guest.uses(KvmCap.SET_GUEST_DEBUG, () -> {
            debug(KvmGuestDebug.ENABLE | KvmGuestDebug.SINGLESTEP);
            for (int step = 1; step <= 2; step++) {
                guest.runTo(KvmExit.DEBUG);
                VcpuExit.Debug exit = (VcpuExit.Debug) VcpuExit.of(vcpu.kvmRun());
                assertEquals(1, exit.exception());
                assertEquals(TinyGuest.CODE + step, exit.pc());
                assertEquals(step, vcpu.regs().rax());
            }
        });
    }

    @Test
    void shouldStopAtASoftwareBreakpoint() throws Throwable {
        guest.uses(KvmCap.SET_GUEST_DEBUG, () -> {
            guest.handle(3, "e6 10 f4");
            debug(KvmGuestDebug.ENABLE | KvmGuestDebug.USE_SW_BP);
            assumeTrue(vcpu.run() == KvmExit.DEBUG, "this KVM emulates INT3 without a look at breakpoints");
            VcpuExit.Debug exit = (VcpuExit.Debug) VcpuExit.of(vcpu.kvmRun());
            assertEquals(3, exit.exception());
            assertEquals(TinyGuest.CODE + 2, exit.pc());
        });
    }

    @Test
    void shouldStopAtAHardwareBreakpoint() throws Throwable {
        guest.uses(KvmCap.SET_GUEST_DEBUG, () -> {
            KvmGuestDebug debug = new KvmGuestDebug();
            debug.control(KvmGuestDebug.ENABLE | KvmGuestDebug.USE_HW_BP);
            debug.debugreg(0, TinyGuest.CODE + 1);
            debug.debugreg(7, 0x402);
            vcpu.guestDebug(debug);
            guest.runTo(KvmExit.DEBUG);
            assertEquals(TinyGuest.CODE + 1, ((VcpuExit.Debug) VcpuExit.of(vcpu.kvmRun())).pc());
            assertEquals(1, vcpu.regs().rax());
        });
    }

    private void debug(int control) {
        KvmGuestDebug debug = new KvmGuestDebug();
        debug.control(control);
        vcpu.guestDebug(debug);
    }

    @Test
    void shouldTranslateLinearAddresses() {
        KvmTranslation translation = vcpu.translate(0x1234);

        assertTrue(translation.isValid());
        assertEquals(0x1234, translation.physicalAddress());
    }

    @Test
    void shouldTakeAndDropASignalMask() {
        KvmSignalMask mask = new KvmSignalMask();
        mask.sigset(1L << 39);
        vcpu.signalMask(mask);
        vcpu.signalMask(null);
        assertEquals(8, mask.len());
    }

    @Test
    void shouldReportTaskPriorityAccessesOrSayThatItCannot() throws Throwable {
        guest.uses(KvmCap.VAPIC, () -> {
            try {
                vcpu.reportTprAccess(true);
            } catch (LinuxException e) {
                assertEquals(Errno.EINVAL, e.errno(), e.getMessage());
            }
        });
    }

    @Test
    void shouldInjectMachineChecksWhereTheHostCan() throws Throwable {
        guest.uses(KvmCap.MCE, () -> {
            vcpu.setupMachineChecks(1);
            KvmX86Mce machineCheck = new KvmX86Mce();
            machineCheck.bank(0);
            machineCheck.status(1L << 63);
            vcpu.injectMachineCheck(machineCheck);
        });
    }

    @Test
    void shouldRefuseToMarkAClockThatTheGuestDoesNotUse() throws Throwable {
        guest.uses(KvmCap.KVMCLOCK_CTRL, () ->
                assertEquals(Errno.EINVAL, assertThrows(LinuxException.class, vcpu::markClockPaused).errno()));
    }
}
