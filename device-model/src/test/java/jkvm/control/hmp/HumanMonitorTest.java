package jkvm.control.hmp;

import static jkvm.machine.MachineRun.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmRegs;
import jkvm.machine.Machine;
import jkvm.machine.MachineState;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import jkvm.vm.Vcpu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands, and their output as QEMU 7.2 prints it. */
@OnEachKvm
@Timeout(60)
class HumanMonitorTest {
    /** mov al, 0xfb; out 0x21, al; mov al, 0x9d; out 0xa1, al; jmp to itself. */
    private static final int MASKING = 0x3000;

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private RealModeGuest guest;
    private Machine machine;
    private HumanMonitor monitor;

    HumanMonitorTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void start() throws Exception {
        guest = new RealModeGuest(kvm, folder);
        machine = guest.machine;
        monitor = new HumanMonitor(machine, MonitorHost.on(kvm.kind()));
    }

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void shouldShowTheStateOfTheMachine() {
        assertEquals("VM status: paused (prelaunch)\n", monitor.execute("info status"));
        assertTrue(monitor.execute("info exits").startsWith("this monitor has no count of exits"));
        assertEquals("", monitor.execute("c"));
        assertEquals("VM status: running\n", monitor.execute("info status"));
        assertEquals(MachineState.RUNNING, machine.state());
        assertEquals("", monitor.execute("stop"));
        assertEquals("VM status: paused\n", monitor.execute("  info   status "));
        assertEquals("", monitor.execute("system_reset"));
        assertEquals("VM status: paused (prelaunch)\n", monitor.execute("info status"));
    }

    @Test
    void shouldShowTheRegistersThatTheGuestHasSet() throws InterruptedException {
        guest.finish();
        String all = monitor.execute("info registers -a");
        assertTrue(all.startsWith("\nCPU#0\nEAX=12345678 EBX=00000000"), all);
        assertTrue(all.contains("\n\nCPU#1\nEAX="), all);
        assertEquals(RealModeGuest.LAST, new MonitorSession(machine).register("eip").orElseThrow());
        assertEquals("", monitor.execute("cpu 1"));
        assertTrue(monitor.execute("info cpus").startsWith("  CPU #0:"), "the second is the current one");
        assertTrue(monitor.execute("info registers").startsWith("\nCPU#1\n"), "so are its registers");
        assertEquals("invalid CPU index\n", monitor.execute("cpu 2"));
        assertEquals("CPU#2 not available\n", monitor.execute("info registers 2"));
    }

    @Test
    void shouldShowTheInterruptControllersAsTheyAreSetAndTheVersions() throws InterruptedException {
        String accelerator = kvm.kind() == Accelerator.Kind.KVM ? "enabled" : "disabled";
        assertEquals("kvm support: " + accelerator + "\n", monitor.execute("info kvm"));
        assertTrue(monitor.execute("info version").matches("7\\.2\\.\\d+jkvm-\\S+\n"));
        guest.finish();
        machine.quiesced(() -> {
            setController();
            return null;
        }).join();
        String local = monitor.execute("info lapic 1");
        assertTrue(local.startsWith("dumping local APIC state for CPU 1 \n\n"
                + "LVT0\t 0x00008700 active-hi level                             ExtINT (vec 0)\n"
                + "LVT1\t 0x00008400 active-hi level                             NMI   \n"), local);
        assertTrue(local.contains("\nLVTT\t 0x00030041 active-hi edge  masked         periodic     Fixed  (vec 65)\n"
                + "Timer\t DCR=0xb (divide by 1) initial_count = 0 current_count = 0\n"
                + "SPIV\t 0x000001ff APIC enabled, focus=off, spurious vec 255\n"
                + "ICR\t 0x000c4610 physical edge assert all\nICR2\t 0x00000000\nESR\t 0x00000000\n"
                + "ISR\t (none)\nIRR\t (none)\n\nAPR 0x00 TPR 0x20 DFR 0x0f LDR 0x00 PPR 0x20\n"), local);
        assertEquals("No CPU available\n", monitor.execute("info lapic 2"));
        String chips = monitor.execute("info pic");
        assertTrue(chips.startsWith("ioapic0: ver=0x11 id=0x00 sel=0x00\n"
                + "  pin 0  0x0000000000010000 dest=0 vec=0   active-hi edge  masked fixed  physical\n"), chips);
        assertTrue(chips.contains("\n  IRR      (none)\n  Remote IRR (none)\npic1: irr=00 imr="), chips);
        assertEquals(1 + 24 + 2 + 2, chips.lines().count(), chips);
    }

    @Test
    void shouldShowTheMasksThatTheGuestHasWritten() throws InterruptedException {
        byte[] code = HexFormat.of().parseHex("b0fbe621b09de6a1ebfe");
        machine.quiesced(() -> {
            machine.memory().write(MASKING, code, 0, code.length);
            Vcpu cpu = machine.debug().vcpus().getFirst();
            KvmRegs registers = cpu.regs();
            registers.rip(MASKING);
            cpu.regs(registers);
            return null;
        }).join();
        machine.resume().join();
        await("both masks are written", () -> monitor.execute("info registers").contains("EIP=00003008"));
        machine.pause().join();
        String chips = monitor.execute("info pic");
        assertTrue(chips.matches("(?s).*\npic1: irr=00 imr=9d isr=00 [^\n]*\npic0: irr=0[01] imr=fb isr=00 [^\n]*\n"),
                chips);
    }

    private void setController() {
        Vcpu cpu = machine.debug().vcpus().get(1);
        KvmLapicState lapic = cpu.lapic();
        lapic.register(KvmLapicState.LVT_LINT0_REGISTER, 0x8700);
        lapic.register(KvmLapicState.LVT_LINT1_REGISTER, 0x8400);
        lapic.register(0x320, 0x30041);
        lapic.register(0x3E0, 0xB);
        lapic.register(KvmLapicState.SPURIOUS_REGISTER, 0x1FF);
        lapic.register(KvmLapicState.ICR_REGISTER, 0xC4610);
        lapic.register(KvmLapicState.TPR_REGISTER, 0x20);
        cpu.lapic(lapic);
    }

    @Test
    void shouldSayAsQemuDoesWhatIsWrongWithALine() {
        assertEquals("", monitor.execute("   "));
        assertEquals("unknown command: 'foo'\n", monitor.execute("foo bar"));
        assertEquals("unknown command: 'info foo'\n", monitor.execute("info foo"));
        assertEquals("stop|s: extraneous characters at the end of line\nTry \"help stop\" for more information\n",
                monitor.execute("stop now"));
        assertEquals("invalid char 'x' in expression\nTry \"help cpu\" for more information\n",
                monitor.execute("cpu x"));
        assertEquals("unexpected end of expression\nTry \"help cpu\" for more information\n", monitor.execute("cpu"));
        assertEquals("registers: unsupported option -x\nTry \"help info registers\" for more information\n",
                monitor.execute("info registers -x"));
        assertEquals("unknown command: 'foo'\n", monitor.execute("help foo"));
        assertEquals("stop|s  -- stop emulation\n", monitor.execute("help s"));
        assertEquals("info status  -- show the current VM status (running|paused)\n",
                monitor.execute("? info status"));
        assertTrue(monitor.execute("info").contains("\ninfo cpus  -- show infos for each CPU\n"));
    }

    @Test
    void shouldEndTheMachineAndThenSaySo() throws Exception {
        assertEquals("", monitor.execute("quit"));
        await("the machine's end", () -> machine.state() == MachineState.SHUT_DOWN);
        for (String line : List.of("cont", "info registers", "system_reset")) {
            assertEquals("Error: the machine has ended\n", monitor.execute(line));
        }
    }
}
