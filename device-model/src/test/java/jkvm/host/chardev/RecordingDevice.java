package jkvm.host.chardev;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A guest's end that takes a set number of bytes, keeps them, and lets a test wait for what happens. */
public final class RecordingDevice implements CharDevice {
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private final StringBuilder received = new StringBuilder();
    private final List<Boolean> carrier = new ArrayList<>();
    private int room;
    private int writableCalls;
    private int breaks;
    private boolean tooMuch;

    public RecordingDevice(int room) {
        this.room = room;
    }

    @Override
    public synchronized int receivable() {
        return room;
    }

    @Override
    public synchronized void receive(byte[] data, int offset, int length) {
        tooMuch |= length > room;
        room -= length;
        received.append(new String(data, offset, length, StandardCharsets.ISO_8859_1));
        notifyAll();
    }

    @Override
    public synchronized void writable() {
        writableCalls++;
        notifyAll();
    }

    @Override
    public synchronized void connected(boolean present) {
        carrier.add(present);
        notifyAll();
    }

    @Override
    public synchronized void breakReceived() {
        breaks++;
        notifyAll();
    }

    /** Makes room; the caller tells the chardev. */
    public synchronized void setRoom(int room) {
        this.room = room;
    }

    public synchronized String received() {
        return received.toString();
    }

    /** The changes of the carrier so far. */
    public synchronized List<Boolean> carrier() {
        return List.copyOf(carrier);
    }

    public synchronized int breaks() {
        return breaks;
    }

    /** True if it ever got more than it had room for. */
    public synchronized boolean gotTooMuch() {
        return tooMuch;
    }

    public boolean awaitReceived(String text) {
        return await(() -> received.indexOf(text) >= 0);
    }

    public boolean awaitWritable() {
        return await(() -> writableCalls > 0);
    }

    public boolean awaitBreak() {
        return await(() -> breaks > 0);
    }

    public boolean awaitCarrier(Boolean... changes) {
        return await(() -> carrier.equals(List.of(changes)));
    }

    private synchronized boolean await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        try {
            while (!condition.getAsBoolean() && System.nanoTime() < end) {
                wait(100);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return condition.getAsBoolean();
    }
}
