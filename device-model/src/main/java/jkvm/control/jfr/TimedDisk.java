package jkvm.control.jfr;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ForwardingDisk;

/** Tells each request of a device to its disk inner. */
final class TimedDisk extends ForwardingDisk {
    private static final String OK = "ok";

    private final String device;
    private final String node;

    /** @param node the drive's id */
    TimedDisk(DiskImage image, String device, String node) {
        super(image);
        this.device = device;
        this.node = node;
    }

    private void commit(DiskEvent event, String kind, long offset, long length, String result) {
        event.end();
        if (event.shouldCommit()) {
            event.device = device;
            event.node = node;
            event.kind = kind;
            event.offset = offset;
            event.length = length;
            event.result = result;
            event.commit();
        }
    }

    private static DiskEvent begin() {
        DiskEvent event = new DiskEvent();
        event.begin();
        return event;
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        DiskEvent event = begin();
        String result = OK;
        try {
            inner.read(offset, memory, at, length);
        } catch (IOException e) {
            result = String.valueOf(e.getMessage());
            throw e;
        } finally {
            commit(event, "read", offset, length, result);
        }
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        DiskEvent event = begin();
        String result = OK;
        try {
            inner.write(offset, memory, at, length);
        } catch (IOException e) {
            result = String.valueOf(e.getMessage());
            throw e;
        } finally {
            commit(event, "write", offset, length, result);
        }
    }

    @Override
    public void flush() throws IOException {
        change("flush", 0, 0, inner::flush);
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        change("discard", offset, length, () -> inner.discard(offset, length));
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        change("write-zeroes", offset, length, () -> inner.writeZeroes(offset, length, mayUnmap));
    }

    /** A request without data, which is rare enough for an object. */
    private interface Change {
        void make() throws IOException;
    }

    private void change(String kind, long offset, long length, Change change) throws IOException {
        DiskEvent event = begin();
        String result = OK;
        try {
            change.make();
        } catch (IOException e) {
            result = String.valueOf(e.getMessage());
            throw e;
        } finally {
            commit(event, kind, offset, length, result);
        }
    }
}
