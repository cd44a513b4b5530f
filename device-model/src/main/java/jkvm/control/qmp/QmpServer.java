package jkvm.control.qmp;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import jkvm.json.Json;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Serves QMP over one chardev, to one client after the other. Made by {@link QmpService}. Closed after the machine's
 * run, before its chardev.
 *
 * <p>Lock: this object's, around the input of the client and the requests that wait. No command runs with it held.
 */
public final class QmpServer implements CharDevice, AutoCloseable {
    private static final int INBOX_SIZE = 4096;
    /** Requests that are known and not answered, as in QEMU: while none may overtake others, one. */
    private static final int MAX_WAITING = 8;
    private static final int MAX_WAITING_LENGTH = DocumentSplitter.MAX_SIZE;

    private final CommandTable table;
    private final QmpEvents events;
    private final Chardev chardev;
    private final QmpOutput output;
    private final Consumer<Json> eventListener;
    private final Worker worker;
    private final DocumentSplitter splitter = new DocumentSplitter(new Documents());
    /** Bytes that came and are not split yet. */
    private final Deque<Byte> inbox = new ArrayDeque<>();
    private final Deque<Request> waiting = new ArrayDeque<>();
    private int waitingLength;
    /** The worker acts on a request, which is not among those that wait any more. */
    private boolean isActing;
    /** To be acted on at once; null for none. */
    private Request urgent;
    /** Null while there is no client. */
    private QmpSession session;

    @SuppressWarnings("this-escape")
    QmpServer(CommandTable table, QmpEvents events, Chardev chardev, boolean isPretty, Workers workers) {
        this.table = table;
        this.events = events;
        this.chardev = chardev;
        output = new QmpOutput(chardev, isPretty);
        eventListener = output::event;
        events.subscribe(eventListener);
        worker = workers.worker("qmp", this::round);
        chardev.connect(this);
    }

    @Override
    public synchronized int receivable() {
        return takesRequests() ? INBOX_SIZE - inbox.size() : 0;
    }

    private boolean takesRequests() {
        int room = session != null && session.allowsOob() ? MAX_WAITING : 1;
        return waiting.size() + (isActing ? 1 : 0) < room && waitingLength < MAX_WAITING_LENGTH && !output.isFull();
    }

    @Override
    public void receive(byte[] data, int offset, int length) {
        synchronized (this) {
            for (int i = 0; i < length; i++) {
                inbox.add(data[offset + i]);
            }
        }
        split();
    }

    @Override
    public void writable() {
        output.flush();
        proceed();
    }

    @Override
    public void connected(boolean present) {
        QmpSession next = present ? new QmpSession(table, chardev::takeDescriptor) : null;
        synchronized (this) {
            session = next;
            inbox.clear();
            splitter.reset();
            waiting.clear();
            waitingLength = 0;
            output.turnTo(next);
        }
        if (present) {
            output.answer(next, QmpSession.greeting());
        }
    }

    /** Room has come: what waits for it goes on. */
    private void proceed() {
        split();
        worker.wake();
        chardev.inputWanted();
    }

    /** Splits what came into requests as long as there is room for them, and acts on those out of band. */
    private void split() {
        while (true) {
            Request next;
            QmpSession client;
            synchronized (this) {
                urgent = null;
                while (urgent == null && !inbox.isEmpty() && takesRequests()) {
                    splitter.read(inbox.remove());
                }
                next = urgent;
                client = session;
            }
            if (next == null) {
                return;
            }
            output.answer(client, client.answer(next));
        }
    }

    /** Takes what the splitter finds, the lock held. */
    private final class Documents implements DocumentSplitter.Sink {

        @Override
        public void document(String text) {
            Request request = session.read(text);
            if (request.isOob()) {
                urgent = request;
            } else {
                add(request);
            }
        }

        @Override
        public void broken(String why) {
            add(Request.refused(null, why, 0));
        }

        private void add(Request request) {
            waiting.add(request);
            waitingLength += request.length();
            worker.wake();
        }
    }

    /** On the worker: acts on the requests that wait. */
    private void round() {
        while (true) {
            Request next;
            QmpSession client;
            synchronized (this) {
                if (waiting.isEmpty() || output.isFull()) {
                    return;
                }
                next = waiting.remove();
                waitingLength -= next.length();
                isActing = true;
                client = session;
            }
            output.answer(client, client.answer(next));
            synchronized (this) {
                isActing = false;
            }
            split();
            chardev.inputWanted();
        }
    }

    /** Ends after the command that is being acted on; its answer is sent. */
    @Override
    public void close() {
        events.unsubscribe(eventListener);
        worker.close();
    }
}
