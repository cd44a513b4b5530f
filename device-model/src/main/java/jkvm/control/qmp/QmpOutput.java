package jkvm.control.qmp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import jkvm.host.chardev.Chardev;
import jkvm.json.Json;

/**
 * The lines that wait for the client, and whose they are. Never waits. While the client does not read, events are
 * dropped; no request is taken then, so that answers do not pile up.
 */
final class QmpOutput {
    /** Bytes that may wait before a further line. */
    static final int LIMIT = 256 << 10;

    private final Chardev chardev;
    private final boolean isPretty;
    private final Deque<byte[]> lines = new ArrayDeque<>();
    /** Sent of the first line. */
    private int sent;
    private int size;
    /** Null while there is no client. */
    private QmpSession owner;

    /** @param isPretty true to indent the documents */
    QmpOutput(Chardev chardev, boolean isPretty) {
        this.chardev = chardev;
        this.isPretty = isPretty;
    }

    /** Throws away what waits; from now on lines are for this client, or for none. */
    synchronized void turnTo(QmpSession session) {
        owner = session;
        lines.clear();
        sent = 0;
        size = 0;
    }

    synchronized boolean isFull() {
        return size > LIMIT;
    }

    /** Sends a document to a client, if it is still there. */
    synchronized void answer(QmpSession session, Json document) {
        if (session == owner) {
            put(document);
        }
    }

    /** Sends an event to a client that has negotiated. */
    synchronized void event(Json document) {
        if (owner != null && owner.isNegotiated() && !isFull()) {
            put(document);
        }
    }

    private void put(Json document) {
        Json ordered = document.inQemuOrder();
        // Lines end as on a terminal.
        String text = isPretty ? ordered.document().stripTrailing().replace("\n", "\r\n") : ordered.line();
        byte[] line = (text + "\r\n").getBytes(StandardCharsets.US_ASCII);
        lines.add(line);
        size += line.length;
        flush();
    }

    /** Gives the chardev as much as it takes. */
    synchronized void flush() {
        while (!lines.isEmpty()) {
            byte[] line = lines.element();
            while (sent < line.length) {
                if (!chardev.transmit(line[sent])) {
                    return;
                }
                sent++;
                size--;
            }
            lines.remove();
            sent = 0;
        }
    }
}
