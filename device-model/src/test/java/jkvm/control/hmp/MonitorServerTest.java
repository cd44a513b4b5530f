package jkvm.control.hmp;

import static jkvm.machine.MachineRun.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.SplittableRandom;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.Fd;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.MachineState;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The monitor as a terminal sees it, byte by byte as QEMU 7.2 sends them. */
@OnEachKvm
@Timeout(60)
class MonitorServerTest {
    private static final String GREETING = "jkvm 1 monitor - type 'help' for more information\r\n(qemu) ";

    @TempDir
    private Path folder;
    private final FakeChardev chardev = new FakeChardev();
    private final Workers workers = Workers.onThreads();
    private final Accelerator kvm;
    private RealModeGuest guest;
    private MonitorServer server;
    private int seen;

    MonitorServerTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void start() throws Exception {
        guest = new RealModeGuest(kvm, folder);
        server = new MonitorServer(new HumanMonitor(guest.machine, MonitorHost.on(kvm.kind())), "jkvm 1", chardev,
                workers);
        chardev.device().connected(true);
        assertNext(GREETING);
    }

    @AfterEach
    void close() {
        server.close();
        workers.close();
        guest.close();
    }

    private void type(String text) throws InterruptedException {
        for (int done = 0; done < text.length(); ) {
            int taken = chardev.send(text.substring(done));
            done += taken;
            if (taken == 0) {
                Thread.sleep(1);
            }
        }
    }

    /** Waits for as many bytes, and compares them. */
    private void assertNext(String expected) throws InterruptedException {
        await(expected, () -> chardev.text().length() >= seen + expected.length());
        assertEquals(expected, chardev.text().substring(seen, seen + expected.length()));
        seen += expected.length();
    }

    /** Waits for the end of the output, whatever comes before. */
    private String until(String end) throws InterruptedException {
        await(end, () -> chardev.text().indexOf(end, seen) >= 0);
        int found = chardev.text().indexOf(end, seen) + end.length();
        String text = chardev.text().substring(seen, found);
        seen = found;
        return text;
    }

    @Test
    void shouldShowEachKeyAsQemuDoesAndExecuteTheLine() throws Exception {
        type("s");
        assertNext("s\033[K");
        type("t");
        assertNext("\033[Dst\033[K");
        type("\1x");
        assertNext("\033[D\033[Dxst\033[K\033[D\033[D");
        type("\b\5at");
        assertNext("\033[Dst\033[K\033[D\033[D\033[C\033[C\033[D\033[Dsta\033[K\033[D\033[D\033[Dstat\033[K");
        type("\27info status\r");
        assertTrue(until("(qemu) ").endsWith("info status\033[K\r\nVM status: paused (prelaunch)\r\n(qemu) "));
        type("\033[A");
        assertNext("info status\033[K");
        type("\033[B");
        assertNext("\033[D".repeat(11) + "\033[K");
    }

    @Test
    void shouldKeepDescriptorsThatTheUserPasses() throws Exception {
        String none = "Error: No file descriptor supplied via SCM_RIGHTS\r\n(qemu) ";
        chardev.pass(Fd.open(new FfmSyscalls(), folder.toString(), Fd.O_RDONLY));
        type("getfd a\r");
        assertTrue(until("(qemu) ").endsWith("getfd a\033[K\r\n(qemu) "));
        type("getfd a\r");
        assertTrue(until("(qemu) ").endsWith(none));
        type("closefd a\r");
        assertTrue(until("(qemu) ").endsWith("closefd a\033[K\r\n(qemu) "));
        type("closefd a\r");
        assertTrue(until("(qemu) ").endsWith("Error: File descriptor named 'a' not found\r\n(qemu) "));
        chardev.pass(Fd.open(new FfmSyscalls(), folder.toString(), Fd.O_RDONLY));
        type("getfd 7\r");
        assertTrue(until("(qemu) ").endsWith(
                "Error: Parameter 'fdname' expects a name not starting with a digit\r\n(qemu) "));
        type("getfd b\r");
        assertTrue(until("(qemu) ").endsWith(none));
    }

    @Test
    void shouldCompleteCommands() throws Exception {
        type("sto\t");
        assertNext("s\033[K\033[Dst\033[K\033[D\033[Dsto\033[K\033[D\033[D\033[Dstop \033[K");
        type("\25q\t");
        assertTrue(until("(qemu) q\033[K").endsWith("\r\nq         quit      \r\n(qemu) q\033[K"));
        type("\25info hist\t\r");
        assertTrue(until("(qemu) ").contains("info history \033[K\r\n0: 'info history '\r\n"));
    }

    @Test
    void shouldExecuteNothingWhileTheClientDoesNotRead() throws Exception {
        chardev.setRoom(0);
        type("cont\r");
        Thread.sleep(50);
        assertEquals(MachineState.PAUSED, guest.machine.state());
        chardev.makeRoom(10);
        Thread.sleep(50);
        assertEquals(MachineState.PAUSED, guest.machine.state());
        chardev.makeRoom(Integer.MAX_VALUE);
        await("the guest runs", () -> guest.machine.state() == MachineState.RUNNING);
    }

    @Test
    void shouldBeginAnewWithAClientThatComesAfterOneThatLeftInMidCommand() throws Exception {
        type("qui");
        until("qui\033[K");
        chardev.device().connected(false);
        chardev.device().connected(true);
        assertNext(GREETING);
        type("t\r");
        assertTrue(until("(qemu) ").contains("unknown command: 't'"));
    }

    @Test
    void shouldStaySoberWithEndlessLinesAndAnyBytes() throws Exception {
        type("\1\1\1");
        chardev.setRoom(Integer.MAX_VALUE);
        SplittableRandom random = new SplittableRandom(11);
        StringBuilder text = new StringBuilder("x/");
        for (int i = 0; i < 300; i++) {
            text.append((char) ('!' + random.nextInt(200)));
        }
        text.append("\t\r");
        for (int i = 0; i < 2000; i++) {
            char letter = (char) random.nextInt(256);
            // A whole command would be a strange coincidence, but a q is one.
            text.append(letter == 'q' || letter == 's' || letter == 'c' ? 'z' : letter);
        }
        type(text.toString());
        type("\r\25" + "z".repeat(HumanMonitor.MAX_LINE + 10) + "\r");
        until("z".repeat(HumanMonitor.MAX_LINE - 80) + "\r\n");
        type("info status\r");
        assertTrue(until("paused (prelaunch)\r\n(qemu) ").contains("unknown command"));
        assertFalse(chardev.text().contains("Exception"));
    }

    @Test
    void shouldHoldItsOutputUntilTheUserComesToIt() throws Exception {
        chardev.device().focused(false);
        assertNext("\r\n");
        type("info status\r");
        Thread.sleep(50);
        assertEquals(seen, chardev.text().length());
        chardev.device().focused(true);
        assertNext("(qemu) ");
        assertTrue(until("(prelaunch)\r\n(qemu) ").startsWith("i\033[K"));
    }
}
