package jkvm.app.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Copies a stream to another on a thread of its own, each piece as soon as it comes. */
final class StreamRelay {
    private static final int PIECE = 1 << 16;

    private final InputStream from;
    private final OutputStream to;
    private final Runnable whenRefused;
    private final Thread thread;
    private long copied;
    private boolean ended;
    private boolean refused;

    /** @param whenRefused called on the relay's thread if the receiver takes no more, as a closed pipe does */
    StreamRelay(String name, InputStream from, OutputStream to, Runnable whenRefused) {
        this.from = from;
        this.to = to;
        this.whenRefused = whenRefused;
        this.thread = Thread.ofPlatform().daemon().name("lab " + name).start(this::copy);
    }

    private void copy() {
        byte[] piece = new byte[PIECE];
        try {
            for (int count = read(piece); count >= 0; count = read(piece)) {
                try {
                    to.write(piece, 0, count);
                    to.flush();
                } catch (IOException e) {
                    end(true);
                    whenRefused.run();
                    return;
                }
                synchronized (this) {
                    copied += count;
                    notifyAll();
                }
            }
        } finally {
            end(false);
        }
    }

    /** A source that fails has ended: the machine is gone. */
    private int read(byte[] piece) {
        try {
            return from.read(piece);
        } catch (IOException e) {
            return -1;
        }
    }

    private synchronized void end(boolean byReceiver) {
        ended = true;
        refused |= byReceiver;
        notifyAll();
    }

    /** Waits until so many bytes have been copied in all, or until no more come. */
    synchronized void await(long bytes) throws InterruptedException {
        while (copied < bytes && !ended) {
            wait();
        }
    }

    /** Waits until the source has ended and all of it is copied. */
    void join() throws InterruptedException {
        thread.join();
    }

    synchronized boolean wasRefused() {
        return refused;
    }
}
