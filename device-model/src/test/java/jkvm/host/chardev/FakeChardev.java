package jkvm.host.chardev;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import jkvm.linux.Fd;

/** The host's end of a character stream in a test: keeps what the guest writes, blocks on demand, sends when told. */
public final class FakeChardev implements Chardev {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private CharDevice device;
    private int room = Integer.MAX_VALUE;
    private int inputWanted;
    private boolean closed;
    private final Deque<Fd> passed = new ArrayDeque<>();
    private WindowListener window = (columns, rows) -> { };

    @Override
    public synchronized boolean transmit(byte value) {
        if (room == 0) {
            return false;
        }
        room--;
        output.write(value);
        return true;
    }

    @Override
    public void connect(CharDevice newDevice) {
        device = newDevice;
    }

    @Override
    public void watchWindow(WindowListener listener) {
        window = listener;
    }

    /** The user passes a descriptor along. */
    public synchronized void pass(Fd descriptor) {
        passed.add(descriptor);
    }

    @Override
    public synchronized Optional<Fd> takeDescriptor() {
        return Optional.ofNullable(passed.poll());
    }

    /** The user changes the size of the terminal's window. */
    public void resizeWindow(int columns, int rows) {
        window.resized(columns, rows);
    }

    @Override
    public void inputWanted() {
        inputWanted++;
    }

    @Override
    public void close() {
        closed = true;
    }

    /** From now on takes {@code bytes} more and then answers false, without telling the device. */
    public synchronized void setRoom(int bytes) {
        room = bytes;
    }

    /** Like {@link #setRoom} and tells the device. */
    public void makeRoom(int bytes) {
        setRoom(bytes);
        device.writable();
    }

    /**
     * Sends as much as the device takes.
     *
     * @return how many bytes that were
     */
    public int send(byte... data) {
        int count = Math.min(data.length, device.receivable());
        device.receive(data, 0, count);
        return count;
    }

    public int send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends all, whatever the device says: a line without flow control. */
    public void force(byte... data) {
        device.receive(data, 0, data.length);
    }

    /** The guest's output, one character per byte. */
    public String text() {
        return output.toString(StandardCharsets.ISO_8859_1);
    }

    public CharDevice device() {
        return device;
    }

    /** How often the device said that it has room again. */
    public int inputWantedCount() {
        return inputWanted;
    }

    public boolean isClosed() {
        return closed;
    }
}
