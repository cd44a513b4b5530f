package jkvm.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A monitor's socket, of jkvm or of QEMU. One thread. */
final class QmpSession implements AutoCloseable {
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private final SocketChannel channel;
    private final StringBuilder unread = new StringBuilder();
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

    /** Connects as soon as the process listens. */
    QmpSession(Path socket) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        SocketChannel connected = null;
        while (connected == null) {
            connected = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                connected.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                connected.close();
                connected = null;
                if (System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(5);
            }
        }
        channel = connected;
        line();
        command("{\"execute\":\"qmp_capabilities\"}");
    }

    /** Sends a command and answers its result, without the events before. */
    String command(String json) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        String line = line();
        while (!line.startsWith("{\"return\"") && !line.startsWith("{\"error\"")) {
            line = line();
        }
        if (line.startsWith("{\"error\"")) {
            throw new IllegalStateException(json + " is answered " + line);
        }
        return line;
    }

    private String line() throws IOException {
        int end;
        while ((end = unread.indexOf("\n")) < 0) {
            if (channel.read(buffer.clear()) < 0) {
                throw new IOException("the monitor's connection has ended");
            }
            unread.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        }
        String line = unread.substring(0, end).strip();
        unread.delete(0, end + 1);
        return line;
    }

    /**
     * Sends the machine's state to a place, and waits until all of it is there.
     *
     * @return what the monitor tells of it at the end
     * @throws IllegalStateException if it fails, or does not end in time
     */
    String migrate(String uri) throws IOException, InterruptedException {
        command("{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"" + uri + "\"}}");
        long end = System.nanoTime() + PATIENCE_NANOS;
        String answer = "";
        while (!answer.contains("\"completed\"")) {
            Thread.sleep(10);
            answer = command("{\"execute\":\"query-migrate\"}");
            if (answer.contains("\"failed\"")) {
                throw new IllegalStateException("the migration has failed: " + answer);
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the migration has not ended after " + PATIENCE_NANOS / 1_000_000_000L
                        + " seconds: " + answer);
            }
        }
        return answer;
    }

    /** A number in an answer. */
    static double number(String answer, String name) {
        Matcher matcher = Pattern.compile('"' + name + "\": *(\\d+(?:\\.\\d+)?)").matcher(answer);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + name + " in " + answer);
        }
        return Double.parseDouble(matcher.group(1));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
