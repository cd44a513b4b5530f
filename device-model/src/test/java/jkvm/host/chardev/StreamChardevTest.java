package jkvm.host.chardev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import jkvm.bus.LogRecorder;
import jkvm.linux.FdStream;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.HostPipe;
import jkvm.linux.Syscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The engine under every chardev, between two pipes as standard input and output. */
class StreamChardevTest {
    private final Syscalls syscalls = new FfmSyscalls();
    private final HostPipe input = HostPipe.open(syscalls);
    private final HostPipe output = HostPipe.open(syscalls);
    /** The host's side: types into the input, reads the output. */
    private final FdStream host = new FdStream(output.readEnd(), input.writeEnd());
    private final Workers workers = Workers.onThreads();
    private final StreamChardev chardev =
            new StreamChardev("test", new FdLink(new FdStream(input.readEnd(), output.writeEnd())), workers);
    private final RecordingDevice device = new RecordingDevice(1000);

    @AfterEach
    void close() {
        host.close();
        output.readEnd().close();
        chardev.close();
        input.close();
        output.close();
    }

    @Test
    @DisplayName("a process that is to end waits but shortly for a host that reads nothing, and says how much is lost")
    void shouldGiveUpSoonWhereTheProcessIsToEnd() throws InterruptedException {
        chardev.connect(device);
        for (int refused = 0; refused < 50;) {
            if (!chardev.transmit((byte) 'x')) {
                refused++;
                Thread.sleep(2);
            }
        }
        try (LogRecorder log = new LogRecorder(StreamChardev.class.getName())) {
            long start = System.nanoTime();
            chardev.hurry();
            chardev.close();
            long millis = (System.nanoTime() - start) / 1_000_000;

            assertTrue(millis < 900, millis + " ms");
            assertEquals(1, log.messages().size());
            assertTrue(log.messages().getFirst().endsWith(" bytes of output are lost: the host does not take them"));
        }
    }

    private void type(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(bytes.length, host.write(bytes, 0, bytes.length));
    }

    private String readOutput(int length) {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (text.length() < length) {
            int count = host.read(buffer, buffer.length);
            if (count == 0) {
                break;
            }
            text.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }

    private void print(String text) {
        for (byte value : text.getBytes(StandardCharsets.ISO_8859_1)) {
            assertTrue(chardev.transmit(value));
        }
    }

    @Test
    void shouldTellADeviceThatWaitsForRoomAfterAPauseInWhichAllOutputWentOut() throws InterruptedException {
        chardev.connect(device);
        while (chardev.transmit((byte) 'x')) {
            continue;
        }
        workers.pause();
        workers.resume();
        workers.pause();
        Thread drain = Thread.ofPlatform().daemon().start(() -> {
            byte[] buffer = new byte[4096];
            while (host.read(buffer, buffer.length) > 0) {
                continue;
            }
        });
        Thread.sleep(20);
        workers.resume();
        assertTrue(device.awaitWritable());
        chardev.close();
        host.interrupt();
        drain.join();
    }

    @Test
    void shouldCallTheDeviceForNothingWhileItsWorkersArePausedAndLoseNothing() throws InterruptedException {
        device.setRoom(3);
        chardev.connect(device);
        type("abc");
        assertTrue(device.awaitReceived("abc"));
        type("de");
        workers.pause();
        device.setRoom(100);
        chardev.inputWanted();
        type("fg");
        Thread.sleep(20);
        assertEquals("abc", device.received());
        workers.resume();
        assertTrue(device.awaitReceived("abcdefg"));
    }

    @Test
    void shouldCarryBytesBothWays() {
        chardev.connect(device);
        type("in");
        assertTrue(device.awaitReceived("in"));
        print("out\n\0\377");
        assertEquals("out\n\0\377", readOutput(6));
        assertTrue(device.awaitCarrier(true));
    }

    @Test
    void shouldDeliverNoMoreThanTheDeviceHasRoomFor() {
        device.setRoom(2);
        chardev.connect(device);
        type("abcdef");
        assertTrue(device.awaitReceived("ab"));
        for (String soFar : new String[] {"abc", "abcd", "abcde", "abcdef"}) {
            device.setRoom(1);
            chardev.inputWanted();
            assertTrue(device.awaitReceived(soFar));
        }
        assertFalse(device.gotTooMuch());
    }

    @Test
    void shouldEndTheReaderAtTheEndOfTheInputAndGoOnWriting() throws InterruptedException {
        chardev.connect(device);
        Thread reader = threadNamed("test-in");
        type("last");
        input.writeEnd().close();
        reader.join(5000);
        assertFalse(reader.isAlive(), "the reader does not spin at the end of the input");
        assertEquals("last", device.received());
        print("still here");
        assertEquals("still here", readOutput(10));
    }

    @Test
    @DisplayName("a serial flood with host stdout blocked never blocks the vCPU and keeps memory bounded")
    void shouldStaySoundUnderAFloodThatTheHostDoesNotRead() {
        chardev.connect(device);
        int taken = floodUntilTheHostBlocks();
        int pipe = 64 * 1024;
        assertTrue(taken >= OutputRing.CAPACITY, "took " + taken);
        assertTrue(taken <= OutputRing.CAPACITY + 4096 + pipe, "took " + taken);

        String text = readOutput(taken);

        assertEquals(taken, text.length(), "nothing that was taken is lost");
        for (int i = 0; i < taken; i++) {
            assertEquals((char) ('a' + i % 26), text.charAt(i), "byte " + i);
        }
        assertTrue(device.awaitWritable(), "the device hears that there is room again");
        assertTrue(chardev.transmit((byte) 'x'));
    }

    /**
     * Writes until nothing was taken for a while.
     *
     * @return how many bytes were
     */
    private int floodUntilTheHostBlocks() {
        int count = 0;
        long lastTaken = System.nanoTime();
        while (count <= OutputRing.CAPACITY || System.nanoTime() - lastTaken < Duration.ofMillis(200).toNanos()) {
            if (chardev.transmit((byte) ('a' + count % 26))) {
                count++;
                lastTaken = System.nanoTime();
            }
        }
        return count;
    }

    @Test
    void shouldGiveUpOnABlockedHostWhenClosed() {
        chardev.connect(device);
        floodUntilTheHostBlocks();
        long before = System.nanoTime();
        chardev.close();
        long milliseconds = Duration.ofNanos(System.nanoTime() - before).toMillis();
        assertTrue(milliseconds >= 900 && milliseconds < 3000, milliseconds + " ms");
    }

    @Test
    void shouldWriteOutWhatItHoldsWhenClosed() {
        chardev.connect(device);
        print("goodbye");
        chardev.close();
        assertEquals("goodbye", readOutput(7));
    }

    @Test
    void shouldDropOutputThatNobodyReadsAnyMore() throws InterruptedException {
        output.readEnd().close();
        chardev.connect(device);
        Thread writer = threadNamed("test-out");
        for (int i = 0; i < 3 * OutputRing.CAPACITY; i++) {
            while (!chardev.transmit((byte) i)) {
                Thread.sleep(1);
            }
        }
        assertTrue(writer.isAlive());
        long before = System.nanoTime();
        chardev.close();
        assertTrue(System.nanoTime() - before < Duration.ofMillis(900).toNanos(), "there is nothing to wait for");
    }

    @Test
    void shouldEndItsThreadsWhenClosedThoughTheInputIsIdle() {
        chardev.connect(device);
        Thread reader = threadNamed("test-in");
        Thread writer = threadNamed("test-out");
        chardev.close();
        chardev.close();
        assertFalse(reader.isAlive() || writer.isAlive());
        assertTrue(chardev.transmit((byte) 1), "a closed chardev swallows output");
    }

    private static Thread threadNamed(String name) {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals(name)).findFirst()
                .orElseThrow(() -> new AssertionError("no thread " + name));
    }
}
