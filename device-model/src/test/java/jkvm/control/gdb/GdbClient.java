package jkvm.control.gdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.host.chardev.FakeChardev;

/** A debugger's side of the protocol: sends packets and takes replies, one after the other. */
final class GdbClient {
    private static final long PATIENCE_SECONDS = 20;

    private final FakeChardev chardev;
    private int taken;

    GdbClient(FakeChardev chardev) {
        this.chardev = chardev;
    }

    /** Sends a packet and returns its reply. */
    String ask(String packet) throws InterruptedException {
        send(packet);
        return reply();
    }

    void send(String packet) {
        raw(new String(PacketReader.frame(packet), StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes as they are, each of these characters one. */
    void raw(String bytes) {
        for (int done = 0; done < bytes.length(); ) {
            done += chardev.send(bytes.substring(done));
        }
    }

    void interrupt() {
        raw("\3");
    }

    /** The next reply, signs of receipt left out. */
    String reply() throws InterruptedException {
        String reply = await("[+-]*\\$[^#]*#..");
        int start = reply.indexOf('$') + 1;
        String data = reply.substring(start, reply.length() - 3);
        assertEquals(new String(PacketReader.frame(data), StandardCharsets.ISO_8859_1), reply.substring(start - 1));
        return data;
    }

    /** Waits until what has come and was not taken yet begins so; takes that. */
    String await(String pattern) throws InterruptedException {
        Pattern form = Pattern.compile(pattern, Pattern.DOTALL);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            String text = chardev.text().substring(taken);
            Matcher match = form.matcher(text);
            if (match.lookingAt()) {
                taken += match.end();
                return match.group();
            }
            assertTrue(System.nanoTime() < end, () -> "no " + pattern + " but " + text);
            Thread.sleep(1);
        }
    }
}
