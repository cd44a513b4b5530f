package jkvm.host.disk.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that answers as it likes. A client must not take bytes that it did not ask for, wait for ever or go on after
 * a damaged reply.
 */
@Timeout(30)
class NbdClientThreatTest {
    private static final long SIZE = 1 << 20, AT = 4096, GUARD = 64;
    private static final int LENGTH = 512;

    @TempDir
    private Path folder;
    private ServerSocketChannel listener;
    private DiskImage image;

    @BeforeEach
    void listen() throws IOException {
        DiskImages images = new DiskImages(new FfmSyscalls());
        images.create(folder.resolve("a"), ImageFormat.RAW, CreateValues.ofSize(SIZE));
        image = images.open(folder.resolve("a"), ImageOptions.WRITABLE.withFormat(ImageFormat.RAW));
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("s")));
    }

    @AfterEach
    void end() throws IOException {
        listener.close();
        image.close();
    }

    /** Negotiates as a good server does, and answers each request with these bytes. */
    private void serve(UnaryOperator<ByteBuffer> answer, int times) {
        Thread.ofPlatform().daemon().start(() -> {
            try (NbdStream stream = new NbdStream(listener.accept())) {
                new ServerHandshake(stream, new NbdExport("", image, false)).negotiate();
                ByteBuffer request = stream.read(28);
                for (int i = 0; i < times; i++) {
                    ByteBuffer reply = ByteBuffer.allocate(1 << 17);
                    stream.write(answer.apply(reply.putLong(4, request.getLong(8))).flip());
                }
            } catch (IOException _) {
                // The client has gone: the test looks at it.
            }
        });
    }

    /** A chunk whose header's cookie has been set. */
    private static ByteBuffer chunk(ByteBuffer reply, int flags, int type, int length) {
        long cookie = reply.getLong(4);
        return reply.putInt(Nbd.STRUCTURED_REPLY_MAGIC).putShort((short) flags).putShort((short) type).putLong(cookie)
                .putInt(length);
    }

    private static ByteBuffer data(ByteBuffer reply, long offset, int length) {
        chunk(reply, Nbd.REPLY_FLAG_DONE, Nbd.REPLY_OFFSET_DATA, Long.BYTES + length).putLong(offset);
        return reply.position(reply.position() + length);
    }

    private static ByteBuffer simple(ByteBuffer reply, int magic, int error, long cookieOffset) {
        long cookie = reply.getLong(4);
        return reply.putInt(magic).putInt(error).putLong(cookie + cookieOffset);
    }

    private static Arguments threat(String name, UnaryOperator<ByteBuffer> answer) {
        return Arguments.of(name, answer);
    }

    static Stream<Arguments> answersToReads() {
        return Stream.of(
                threat("before the range", reply -> data(reply, AT - 1, LENGTH)),
                threat("after the range", reply -> data(reply, AT + 1, LENGTH)),
                threat("more than all", reply -> data(reply, AT, LENGTH + 1)),
                threat("an offset below zero", reply -> data(reply, -1, 1)),
                threat("a part only", reply -> data(reply, AT, LENGTH - 1)),
                threat("a hole without length", reply -> chunk(reply, 0, Nbd.REPLY_OFFSET_HOLE, 12).putLong(AT)
                        .putInt(0)),
                threat("a hole of 4 GiB", reply -> chunk(reply, 0, Nbd.REPLY_OFFSET_HOLE, 12).putLong(AT).putInt(-1)),
                threat("a length below zero", reply -> chunk(reply, 0, Nbd.REPLY_OFFSET_DATA, -1)),
                threat("no data", reply -> chunk(reply, 0, Nbd.REPLY_OFFSET_DATA, Long.BYTES).putLong(AT)),
                threat("nothing, and not the end", reply -> chunk(reply, 0, Nbd.REPLY_NONE, 0)),
                threat("nothing at all", reply -> chunk(reply, Nbd.REPLY_FLAG_DONE, Nbd.REPLY_NONE, 0)),
                threat("errors without end", reply -> chunk(reply, 0, Nbd.REPLY_ERROR, 6).putInt(5)
                        .putShort((short) 0)),
                threat("an error of 2 GiB", reply -> chunk(reply, 0, Nbd.REPLY_ERROR, Integer.MAX_VALUE)),
                threat("an error with a text that is not there", reply -> chunk(reply, Nbd.REPLY_FLAG_DONE,
                        Nbd.REPLY_ERROR, 6).putInt(5).putShort((short) -1)),
                threat("block status", reply -> chunk(reply, Nbd.REPLY_FLAG_DONE, Nbd.REPLY_BLOCK_STATUS, 12)
                        .putInt(1).putInt(512).putInt(0)),
                threat("an unknown chunk", reply -> chunk(reply, Nbd.REPLY_FLAG_DONE, 77, 0)),
                threat("a simple reply", reply -> simple(reply, Nbd.SIMPLE_REPLY_MAGIC, 0, 0)),
                threat("another request's reply", reply -> simple(reply, Nbd.STRUCTURED_REPLY_MAGIC, 0, 1)),
                threat("no reply", reply -> simple(reply, 0, 0, 0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answersToReads")
    void shouldTakeNoByteThatWasNotAskedForAndEndTheConnection(String name, UnaryOperator<ByteBuffer> answer)
            throws IOException {
        serve(answer, 1000);
        try (Arena arena = Arena.ofConfined(); NbdFile file = open()) {
            MemorySegment memory = arena.allocate(LENGTH + 2 * GUARD).fill((byte) 0x55);
            assertThrows(IOException.class, () -> file.read(AT, memory, GUARD, LENGTH));
            for (long i = 0; i < GUARD; i++) {
                assertEquals(0x55, memory.get(ValueLayout.JAVA_BYTE, i));
                assertEquals(0x55, memory.get(ValueLayout.JAVA_BYTE, GUARD + LENGTH + i));
            }
            IOException later = assertThrows(IOException.class, () -> file.read(AT, memory, GUARD, LENGTH));
            assertTrue(later.getMessage().contains("has broken"), later.getMessage());
        }
    }

    static Stream<Arguments> answersToQuestionsAboutStatus() {
        return Stream.of(
                threat("a stretch of no length", reply -> status(reply, 12, 1).putInt(0).putInt(0)),
                threat("another context", reply -> status(reply, 12, 9).putInt(512).putInt(0)),
                threat("half a stretch", reply -> status(reply, 11, 1).putInt(512)),
                threat("a million stretches", reply -> status(reply, 8_000_004, 1)),
                threat("none", reply -> chunk(reply, Nbd.REPLY_FLAG_DONE, Nbd.REPLY_NONE, 0)),
                threat("data", reply -> data(reply, AT, LENGTH)));
    }

    private static ByteBuffer status(ByteBuffer reply, int length, int context) {
        return chunk(reply, Nbd.REPLY_FLAG_DONE, Nbd.REPLY_BLOCK_STATUS, length).putInt(context);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answersToQuestionsAboutStatus")
    void shouldRefuseBlockStatusThatIsOfNoUse(String name, UnaryOperator<ByteBuffer> answer) throws IOException {
        serve(answer, 1000);
        try (NbdFile file = open()) {
            assertThrows(IOException.class, () -> file.extent(AT, LENGTH));
            assertThrows(IOException.class, () -> file.extent(AT, LENGTH));
        }
    }

    @Test
    void shouldTellTheServersErrorAndGoOn() throws IOException {
        byte[] text = NbdStream.bytes("the disk burns");
        serve(reply -> chunk(reply, Nbd.REPLY_FLAG_DONE, Nbd.REPLY_ERROR, 6 + text.length).putInt(Nbd.EIO)
                .putShort((short) text.length).put(text), 1);
        try (Arena arena = Arena.ofConfined(); NbdFile file = open()) {
            MemorySegment memory = arena.allocate(LENGTH);
            IOException e = assertThrows(IOException.class, () -> file.read(AT, memory, 0, LENGTH));
            assertTrue(e.getMessage().contains("Input/output error: the disk burns"), e.getMessage());
        }
    }

    private NbdFile open() throws IOException {
        return NbdFile.open(NbdAddress.parse("nbd:unix:" + folder.resolve("s")), true);
    }
}
