package jkvm.bench;

import jkvm.bus.IoHandler;

/** The least device: counts its writes and reads as that count. One thread. */
final class CountingDevice implements IoHandler {
    private long writes;

    @Override
    public long read(long offset, int size) {
        return writes;
    }

    @Override
    public void write(long offset, int size, long value) {
        writes++;
    }

    long writes() {
        return writes;
    }
}
