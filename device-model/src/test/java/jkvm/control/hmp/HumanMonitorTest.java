package jkvm.control.hmp;

import static jkvm.machine.MachineRun.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jkvm.machine.Machine;
import jkvm.machine.MachineState;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands, and their output as QEMU 7.2 prints it. */
@OnEachKvm
@Timeout(60)
class HumanMonitorTest {
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
