package jkvm.host.chardev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-A escapes, typed through a socket. */
@Timeout(20)
class MuxTest {
    @TempDir
    private Path folder;
    private final CountDownLatch quit = new CountDownLatch(1);
    private final PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    private final Workers workers = Workers.onThreads();
    private final Chardevs chardevs = new Chardevs(new FfmSyscalls(), nowhere, nowhere, quit::countDown, workers);
    private final RecordingDevice device = new RecordingDevice(1000);
    private ChardevSpec spec;
    private Chardev chardev;
    private SocketChannel user;

    @BeforeEach
    void open() throws IOException {
        Path path = folder.resolve("s");
        spec = new ChardevSpec("serial0", new ChardevSpec.UnixServer(path, false), true);
        chardev = chardevs.open(spec);
        chardev.connect(device);
        user = SocketChannel.open(UnixDomainSocketAddress.of(path));
        assertTrue(device.awaitCarrier(true));
    }

    @AfterEach
    void close() throws IOException {
        chardevs.close();
        user.close();
    }

    private void type(String text) throws IOException {
        user.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Reads what the user sees until {@code end} comes. */
    private String seenUntil(String end) throws IOException {
        StringBuilder seen = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (seen.indexOf(end) < 0 && user.read(one.clear()) > 0) {
            seen.append((char) (one.get(0) & 0xff));
        }
        return seen.toString();
    }

    private static void print(Chardev to, String text) {
        for (byte value : text.getBytes(StandardCharsets.ISO_8859_1)) {
            assertTrue(to.transmit(value));
        }
    }

    @Test
    void shouldHearEscapesAndKeepInputForTheDeviceWhileTheMachineIsPaused() throws IOException, InterruptedException {
        workers.pause();
        type("kept\1b\1x");
        assertTrue(quit.await(5, TimeUnit.SECONDS));
        assertEquals("", device.received());
        assertEquals(0, device.breaks());
        workers.resume();
        assertTrue(device.awaitReceived("kept"));
        assertTrue(device.awaitBreak());
    }

    @Test
    void shouldPrintTheTableWhereThereIsOneInsteadOfTogglingTimestamps() throws Exception {
        CountDownLatch table = new CountDownLatch(1);
        chardevs.onTableKey(table::countDown);
        Path path = folder.resolve("t");
        RecordingDevice other = new RecordingDevice(1000);
        Chardev second = chardevs.open(new ChardevSpec("serial1", new ChardevSpec.UnixServer(path, false), true));
        second.connect(other);
        user.close();
        user = SocketChannel.open(UnixDomainSocketAddress.of(path));
        assertTrue(other.awaitCarrier(true));

        type("\1h\1t");

        assertTrue(table.await(5, TimeUnit.SECONDS));
        assertTrue(seenUntil("sends C-a").contains("C-a t    print the table of exits"));
        print(second, "no time\n");
        assertTrue(seenUntil("no time").endsWith("\nno time"), "no timestamp");
    }

    @Test
    void shouldKeepTheEndOfItsOutputWhileALiveViewHasTheTerminal() {
        List<Byte> sent = new ArrayList<>();
        HeldOutput held = new HeldOutput();

        for (int i = 0; i < HeldOutput.CAPACITY + 3; i++) {
            held.put((byte) i);
        }
        held.giveTo(sent::add);

        assertEquals(HeldOutput.CAPACITY, sent.size());
        assertEquals(List.of((byte) 3, (byte) 4), sent.subList(0, 2));
        assertEquals((byte) (HeldOutput.CAPACITY + 2), sent.getLast());
    }

    @Test
    void shouldPassOnWhatIsNoEscape() throws IOException {
        type("ls\r\3");
        assertTrue(device.awaitReceived("ls\r\3"));
        print(chardev, "file\r\n");
        assertEquals("file\r\n", seenUntil("\n"));
    }

    @Test
    void shouldQuitOnCtrlAX() throws IOException, InterruptedException {
        type("\1x");
        assertTrue(quit.await(5, TimeUnit.SECONDS));
        assertEquals("jkvm: Terminated\r\n", seenUntil("\n"));
        assertEquals("", device.received());
    }

    @Test
    void shouldQuitThoughTheGuestTakesNoInput() throws IOException, InterruptedException {
        device.setRoom(0);
        type("x".repeat(100));
        type("\1");
        type("x");
        assertTrue(quit.await(5, TimeUnit.SECONDS));
    }

    @Test
    void shouldHelpOnCtrlAH() throws IOException {
        type("\1h");
        String help = seenUntil("sends C-a\r\n");
        assertTrue(help.contains("C-a x    exit jkvm\r\n"), help);
    }

    @Test
    void shouldSendOneCtrlAForTwo() throws IOException {
        type("a\1\1b\1\1");
        assertTrue(device.awaitReceived("a\1b\1"));
    }

    @Test
    void shouldSwallowAnUnknownEscape() throws IOException {
        type("\1zb");
        assertTrue(device.awaitReceived("b"));
        assertEquals("b", device.received());
    }

    @Test
    void shouldSendABreak() throws IOException {
        type("\1b");
        assertTrue(device.awaitBreak());
    }

    @Test
    void shouldSayThatThereIsNothingToSaveAndNoMonitor() throws IOException {
        type("\1s");
        assertTrue(seenUntil("save\r\n").contains("no disk data"));
        type("\1c");
        assertTrue(seenUntil("here\r\n").contains("no monitor"));
    }

    @Test
    void shouldStartAMonitorWhenTheUserFirstAsksForItAndTellWhereTheUserIs() throws Exception {
        Path path = folder.resolve("monitored");
        ChardevSpec monitored = new ChardevSpec("serial1", new ChardevSpec.UnixServer(path, false), true);
        RecordingDevice monitor = new RecordingDevice(100);
        List<Chardev> started = new CopyOnWriteArrayList<>();
        chardevs.withMonitors(Set.of("serial1"));
        chardevs.monitorStart(share -> {
            started.add(share);
            share.connect(monitor);
        });
        RecordingDevice console = new RecordingDevice(100);
        Chardev consoleShare = chardevs.open(monitored);
        consoleShare.connect(console);
        try (SocketChannel terminal = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertTrue(console.awaitCarrier(true));
            assertTrue(consoleShare.hasFocus());
            terminal.write(ByteBuffer.wrap("one\1ctwo\1cthree\1cfour".getBytes(StandardCharsets.ISO_8859_1)));
            assertTrue(console.awaitReceived("onethree"));
            assertTrue(monitor.awaitReceived("twofour"));
            assertEquals(1, started.size());
            assertTrue(started.getFirst().hasFocus());
            print(started.getFirst(), "prompt");
            ByteBuffer seen = ByteBuffer.allocate(100);
            while (seen.position() < "prompt".length()) {
                assertTrue(terminal.read(seen) > 0, "the line is open");
            }
            assertEquals("prompt", new String(seen.array(), 0, seen.position(), StandardCharsets.ISO_8859_1),
                    "and no word of the multiplexer's");
        }
    }

    @Test
    void shouldStampLinesWithTheTime() throws IOException {
        type("\1t\1h");
        seenUntil("sends C-a\r\n");
        print(chardev, "one\ntwo\nthree");
        String seen = seenUntil("three");
        assertTrue(seen.matches("one\n\\[00:00:\\d\\d\\.\\d{3}] two\n\\[00:00:\\d\\d\\.\\d{3}] three"), seen);
    }

    @Test
    void shouldSwitchInputBetweenTwoDevicesAndJoinTheirOutput() throws IOException {
        RecordingDevice second = new RecordingDevice(100);
        Chardev other = chardevs.open(spec);
        other.connect(second);
        type("to the first");
        assertTrue(device.awaitReceived("to the first"));
        type("\1cto the second");
        assertTrue(second.awaitReceived("to the second"));
        assertEquals("to the first", device.received());
        seenUntil("console 2 of 2\r\n");
        print(chardev, "A");
        print(other, "B");
        assertEquals("AB", seenUntil("B"));
        assertEquals(0, second.breaks());
        assertFalse(second.gotTooMuch());
    }

    @Test
    void shouldHoldBackInputThatTheDeviceHasNoRoomFor() throws IOException {
        device.setRoom(3);
        type("abcdefgh");
        assertTrue(device.awaitReceived("abc"));
        device.setRoom(100);
        chardev.inputWanted();
        assertTrue(device.awaitReceived("abcdefgh"));
        assertFalse(device.gotTooMuch());
    }
}
