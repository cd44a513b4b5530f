package jkvm.control.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A shell command as the other side. */
@Timeout(30)
class MigrationCommandTest {
    private static final int PIECE = 4096;
    /** What a pipe takes that nobody reads. */
    private static final int PIPE = 65536;

    @Test
    void shouldEndACommandThatDoesNotReadWithAllThatItStarted() throws Exception {
        List<ProcessHandle> before = ProcessHandle.current().descendants().toList();
        MigrationEndpoints endpoints = new MigrationEndpoints(new FfmSyscalls(), new PassedDescriptors());
        MigrationChannel channel = endpoints.connect(
                new MigrationAddress.Command("trap '' TERM; sleep 73; true"), _ -> { });
        CountDownLatch full = new CountDownLatch(PIPE / PIECE);
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    channel.write(ByteBuffer.allocate(PIECE));
                    full.countDown();
                }
            } catch (IOException _) {
                // The command is gone.
            }
        });
        full.await();
        List<ProcessHandle> started = ProcessHandle.current().descendants().filter(one -> !before.contains(one))
                .toList();
        assertFalse(started.isEmpty());

        channel.close();

        writer.join();
        for (ProcessHandle one : started) {
            one.onExit().join();
        }
        assertEquals(List.of(), started.stream().filter(ProcessHandle::isAlive).toList());
    }
}
