package jkvm.app;

import static jkvm.app.GdbGuest.assertOutput;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's gdb leads a replay back and forth. */
@Timeout(120)
class GdbReplayTest {
    private static final int STATUS = 63;

    @TempDir
    private static Path folder;
    private static GdbGuest guest;

    @BeforeAll
    static void record() throws Exception {
        guest = new GdbGuest(folder);
        guest.run(STATUS, counting("record"));
    }

    private static List<String> counting(String mode) {
        return List.of("-icount", "shift=0,sleep=off,rr=" + mode + ",rrfile=" + folder.resolve("log"));
    }

    private static String replay(String... commands) throws Exception {
        return guest.debug(STATUS, counting("replay"), commands);
    }

    @Test
    void shouldFindTheLastChangeBeforeTheEnd() throws Exception {
        String out = replay("continue", "p counter", "watch counter", "reverse-continue", "p i",
                "reverse-continue", "p i", "delete", "continue", "continue");
        assertOutput(out, "No more reverse-execution history", "= 8", "Hardware watchpoint 1: counter",
                "Old value = 8", "New value = 7", "= 7\n", "Old value = 7", "New value = 6", "= 6\n",
                "No more reverse-execution history", "exited with code 077");
    }

    @Test
    void shouldStepBackOverInstructionsLinesAndCalls() throws Exception {
        String out = replay("break add if a == 9", "continue", "stepi", "x/i $pc", "reverse-stepi", "x/i $pc", "p $pc",
                "reverse-finish", "p result", "reverse-next", "p i", "delete", "continue", "continue");
        assertOutput(out, "Breakpoint 1, add (a=9, b=5)", "=> 0x10003e", "=> 0x10003b", "total ()", "= 9\n", "= 4\n",
                "No more reverse-execution history", "exited with code 077");
    }

    @Test
    void shouldReturnToTheBeginning() throws Exception {
        String out = replay("break total", "continue", "delete", "p $pc", "reverse-continue", "p counter", "p $pc",
                "break guest_main", "continue", "delete", "continue", "continue");
        assertOutput(out, "Breakpoint 1, total ()", "No more reverse-execution history", "_start", "= 0",
                "Breakpoint 2, guest_main ()", "exited with code 077");
    }
}
