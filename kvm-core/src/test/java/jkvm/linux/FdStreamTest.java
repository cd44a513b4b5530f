package jkvm.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class FdStreamTest {
    private final HostPipe pipe = HostPipe.open(new FfmSyscalls());
    private final FdStream stream = new FdStream(pipe.readEnd(), pipe.writeEnd());

    @AfterEach
    void close() {
        stream.close();
        pipe.close();
    }

    @Test
    void shouldReadWhatWasWritten() {
        byte[] text = "hello".getBytes(StandardCharsets.US_ASCII);
        assertEquals(3, stream.write(text, 1, 3));
        byte[] read = new byte[10];
        assertEquals(3, stream.read(read, 10));
        assertArrayEquals("ell".getBytes(StandardCharsets.US_ASCII), Arrays.copyOf(read, 3));
    }

    @Test
    void shouldAnswerZeroAtTheEndOfTheInput() {
        pipe.writeEnd().close();
        assertEquals(0, stream.read(new byte[1], 1));
    }

    @Test
    void shouldSayThatThePipeIsBroken() {
        pipe.readEnd().close();
        LinuxException thrown = assertThrows(LinuxException.class, () -> stream.write(new byte[1], 0, 1));
        assertEquals(Errno.EPIPE, thrown.errno());
    }

    @Test
    void shouldEndAWaitingReadAndAWaitingWriteWhenInterrupted() {
        HostPipe full = HostPipe.open(new FfmSyscalls());
        FdStream writing = new FdStream(full.readEnd(), full.writeEnd());
        Thread interrupter = Thread.ofPlatform().start(() -> {
            Thread.yield();
            writing.interrupt();
            stream.interrupt();
        });
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            assertEquals(0, stream.read(new byte[1], 1));
            int written;
            do {
                written = writing.write(new byte[4096], 0, 4096);
            } while (written > 0);
            assertFalse(writing.pause(10_000), "no pause after an interrupt");
            interrupter.join();
        });
        writing.close();
        full.close();
    }
}
