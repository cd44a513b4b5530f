package jkvm.control.hmp;

import static jkvm.machine.MachineRun.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jkvm.host.chardev.FakeChardev;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.MachineState;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.BootConfig;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a guest of a few bytes of real-mode code at 0x1000. */
@OnEachKvm
@Timeout(60)
class HumanMonitorTest {
    /** mov eax, 0x12345678; mov [0x2000], eax; jmp to itself. */
    private static final String GUEST = "66b878563412 66a30020 ebfe";
    private static final int LAST = 0x100a;

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private Machine machine;
    private HumanMonitor monitor;
    private MachineRun run;

    HumanMonitorTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void start() throws Exception {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(GUEST.replace(" ", "")));
        machine = new MachineBuilder(TestConfigs.machine(2).cpus(2).loader(new BootConfig.Loader(Optional.of(image),
                OptionalLong.of(0x1000), OptionalInt.of(0), false)).build(), kvm.syscalls(), _ -> new FakeChardev())
                .build();
        machine.pause();
        monitor = new HumanMonitor(machine);
        run = new MachineRun(machine).start();
    }

    @AfterEach
    void close() throws Exception {
        run.quit();
        run.close();
    }

    private void resumeUntilTheGuestIsDone() throws InterruptedException {
        assertEquals("", monitor.execute("cont"));
        await("the guest's last instruction", () -> monitor.execute("info registers").contains("EIP=0000100a"));
    }

    @Test
    void shouldShowTheStateOfTheMachine() {
        assertEquals("VM status: paused (prelaunch)\n", monitor.execute("info status"));
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
        resumeUntilTheGuestIsDone();
        String all = monitor.execute("info registers -a");
        assertTrue(all.startsWith("\nCPU#0\nEAX=12345678 EBX=00000000"), all);
        assertTrue(all.contains("\n\nCPU#1\nEAX="), all);
        assertEquals(LAST, new MonitorSession(machine).register("eip").orElseThrow());
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
        assertTrue(monitor.execute("info").startsWith("info cpus  -- show infos for each CPU\n"));
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
