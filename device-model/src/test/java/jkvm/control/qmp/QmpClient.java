package jkvm.control.qmp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import jkvm.json.Json;
import jkvm.json.JsonException;
import jkvm.json.JsonReader;

/**
 * A program that steers a machine by QMP over a unix socket: gives a command after the other and keeps the events that
 * come meanwhile. A line that does not come ends with the test's time-out, which interrupts the thread.
 */
public final class QmpClient implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).flip();
    private final Deque<Json.Members> events = new ArrayDeque<>();

    private QmpClient(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects as soon as somebody listens, and reads nothing. */
    public static QmpClient connect(Path socket) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                return new QmpClient(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            } catch (IOException e) {
                assertTrue(System.nanoTime() < end, () -> "nobody listens on " + socket + ": " + e);
                Thread.sleep(5);
            }
        }
    }

    /** Connects, takes the greeting and negotiates. */
    public static QmpClient negotiated(Path socket) throws Exception {
        QmpClient client = connect(socket);
        client.line();
        client.ask("qmp_capabilities");
        return client;
    }

    /** Sends a text as it is. */
    public void send(String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Sends bytes as they are. */
    public void send(byte... bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    /** The next line as it came, without its end; empty at the end of the stream. */
    public String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!buffer.hasRemaining()) {
                buffer.clear();
                int count = channel.read(buffer);
                buffer.flip();
                if (count < 0) {
                    return line.toString();
                }
            }
            char next = (char) buffer.get();
            if (next == '\n') {
                return line.toString().stripTrailing();
            }
            line.append(next);
        }
    }

    /** Gives a command without arguments and returns its result. */
    public Json ask(String command) throws Exception {
        return ask(command, "{}");
    }

    /**
     * Gives a command and returns its result; an error fails the test.
     *
     * @param arguments as JSON
     */
    public Json ask(String command, String arguments) throws Exception {
        Json.Members answer = answer(command, arguments);
        Json result = answer.values().get("return");
        assertTrue(result != null, () -> command + " " + arguments + ": " + answer.line());
        return result;
    }

    /** Gives a command and returns its error, the class first: {@code GenericError: text}. */
    public String refusal(String command, String arguments) throws Exception {
        Json.Members answer = answer(command, arguments);
        assertTrue(answer.values().get("error") instanceof Json.Members, answer::line);
        Json.Members error = (Json.Members) answer.values().get("error");
        return text(error, "class") + ": " + text(error, "desc");
    }

    private Json.Members answer(String command, String arguments) throws Exception {
        send("{\"execute\": \"" + command + "\", \"arguments\": " + arguments + "}\n");
        return answer();
    }

    /** The next answer; events that come before it are kept. */
    public Json.Members answer() throws IOException, JsonException {
        while (true) {
            Json.Members next = document();
            if (!next.values().containsKey("event")) {
                return next;
            }
            events.add(next);
        }
    }

    /** The next event, whatever it is; an answer before it fails the test. */
    public Json.Members event() throws IOException, JsonException {
        if (!events.isEmpty()) {
            return events.remove();
        }
        Json.Members next = document();
        assertTrue(next.values().containsKey("event"), next::line);
        return next;
    }

    /** Waits for an event of that name and drops those before it. */
    public Json.Members event(String name) throws IOException, JsonException {
        while (true) {
            Json.Members next = event();
            if (text(next, "event").equals(name)) {
                return next;
            }
        }
    }

    private Json.Members document() throws IOException, JsonException {
        String line = line();
        assertTrue(!line.isEmpty(), "the monitor has closed");
        return (Json.Members) JsonReader.read(line);
    }

    /** A member that is a text. */
    public static String text(Json object, String member) {
        return ((Json.Text) ((Json.Members) object).values().get(member)).value();
    }

    /** A member that is a number. */
    public static long number(Json object, String member) {
        return ((Json.Whole) ((Json.Members) object).values().get(member)).value();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
