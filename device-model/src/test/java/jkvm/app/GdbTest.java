package jkvm.app;

import static jkvm.app.GdbGuest.assertOutput;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's gdb on a multiboot guest that is compiled with -g. */
@OnEachKvm
@Timeout(120)
class GdbTest {
    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private GdbGuest guest;

    GdbTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void compile() throws Exception {
        guest = new GdbGuest(folder);
    }

    private String debug(int status, String... commands) throws Exception {
        return guest.debug(status, List.of("-accel", kvm.kind().text()), commands);
    }

    @Test
    void shouldStopAtABreakpointShowTheCallsAndChangeTheResult() throws Exception {
        String out = debug(2 * (31 + 100 - 3) + 1 & 0xFF, "break add if a == 8", "continue", "backtrace",
                "info locals", "p numbers", "p counter", "finish", "hbreak guest_main", "set var numbers[7] = 103",
                "delete", "info threads", "p $eax", "monitor info status", "continue");
        assertOutput(out, "Breakpoint 1, add (a=8, b=1)", "#0  add (a=8, b=1) at", "in total () at",
                "in guest_main () at", "in _start () at", "{3, 1, 4, 1, 5, 9, 2, 6}", "= 3\n",
                "Value returned is $3 = 9",
                "Thread 1 (CPU 0)", "$4 = 9", "VM status: paused (debug)", "exited with code");
    }

    @Test
    void shouldStepThroughLinesAndInstructionsAndWriteRegisters() throws Exception {
        String out = debug(2 * (31 - 3 + 4) + 1, "break add", "continue", "stepi", "stepi", "x/i $pc", "p $edx + $eax",
                "set var $eax = 4", "next", "p sum", "delete", "continue");
        assertOutput(out, "Breakpoint 1, add (a=0, b=3)", "add    %edx,%eax", "$1 = 3", "return sum;", "$2 = 4",
                "exited with code 0101");
    }

    @Test
    void shouldStopWhenAVariableChanges() throws Exception {
        assumeTrue(kvm.kind() == Accelerator.Kind.SOFT, "some KVMs emulate writes without a look at breakpoints");
        String out = debug(63, "watch counter if counter == 5", "continue", "p result", "delete", "continue");
        assertOutput(out, "Hardware watchpoint 1: counter", "Old value = 4", "New value = 5", "$1 = 14",
                "exited with code 077");
    }

    @Test
    void shouldEndOrLeaveTheGuestAsTheDebuggerWants() throws Exception {
        debug(0, "break total", "continue", "kill");
        assertOutput(debug(63, "break total", "continue", "detach"), "Breakpoint 1, total ()", "detached");
    }
}
