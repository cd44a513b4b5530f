package jkvm.host.chardev;

import static jkvm.machine.MachineRun.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A chardev over a socket that somebody else has opened. */
@Timeout(30)
class InheritedSocketTest {
    private static final long SOCKET = 41, BIND = 49, LISTEN = 50;
    private static final int AF_UNIX = 1, SOCK_STREAM = 1;
    private static final int PATH_OFFSET = 2, SOCKADDR_SIZE = 110;

    @TempDir
    private Path folder;
    private final Syscalls syscalls = new FfmSyscalls();
    private final Workers workers = Workers.onThreads();
    private final Chardevs chardevs = new Chardevs(syscalls, System.out, System.err, () -> { }, workers);
    private final RecordingDevice device = new RecordingDevice(100);

    @AfterEach
    void close() {
        chardevs.close();
        workers.close();
    }

    /** @return the number of a descriptor that listens at the path */
    private int listener(Path path) {
        int number = (int) syscalls.call(SOCKET, AF_UNIX, SOCK_STREAM, 0, 0, 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SOCKADDR_SIZE);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            address.setString(PATH_OFFSET, path.toString());
            assertEquals(0, syscalls.call(BIND, number, address.address(), SOCKADDR_SIZE, 0, 0, 0));
        }
        assertEquals(0, syscalls.call(LISTEN, number, 1, 0, 0, 0, 0));
        return number;
    }

    private Chardev open(int descriptor, boolean server) {
        return chardevs.open(new ChardevSpec("c0", new ChardevSpec.InheritedSocket(descriptor, server, false), false));
    }

    @Test
    void shouldServeOnePeerAfterTheOther() throws Exception {
        Path path = folder.resolve("socket");
        Chardev chardev = open(listener(path), true);
        chardev.connect(device);
        for (String word : new String[] {"one", "two"}) {
            try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                peer.write(ByteBuffer.wrap(word.getBytes(StandardCharsets.US_ASCII)));
                await("the word comes", () -> device.received().endsWith(word));
                chardev.transmit((byte) word.charAt(0));
                ByteBuffer answer = ByteBuffer.allocate(1);
                peer.read(answer);
                assertEquals(word.charAt(0), answer.get(0));
            }
        }
        assertEquals("onetwo", device.received());
    }

    @Test
    void shouldRefuseADescriptorThatIsNoSuchSocket() {
        ChardevException none = assertThrows(ChardevException.class, () -> open(9999, true));
        assertEquals("c0: cannot listen on descriptor 9999: bad file descriptor", none.getMessage());
        ChardevException connected = assertThrows(ChardevException.class,
                () -> open(listener(folder.resolve("socket")), false));
        assertEquals("c0: cannot connect to descriptor " + connected.place().orElseThrow().replaceAll("\\D", "")
                + ": the socket listens; add server=on", connected.getMessage());
    }
}
