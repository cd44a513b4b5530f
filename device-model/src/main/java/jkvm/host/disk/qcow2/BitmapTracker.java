package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import jkvm.host.disk.BlockFile;

/**
 * The persistent bitmaps of an image that is open for writing. They are marked as in use until {@link #close}: after a
 * crash they tell nothing. Enabled ones note what is written. Any thread may call {@link #mark}.
 */
final class BitmapTracker {
    private static final class Live {
        private final StoredBitmap stored;
        private final BitSet bits;
        private boolean changed;

        Live(StoredBitmap stored, BitSet bits) {
            this.stored = stored;
            this.bits = bits;
        }

        /** Sets bits; without an object. */
        synchronized void mark(long offset, long length) {
            int first = (int) (offset >> stored.granularityBits());
            int last = (int) (offset + length - 1 >> stored.granularityBits());
            if (bits.nextClearBit(first) <= last) {
                bits.set(first, last + 1);
                changed = true;
            }
        }
    }

    private final BlockFile file;
    private final List<StoredBitmap> marked;
    private final Live[] enabled;

    private BitmapTracker(BlockFile file, List<StoredBitmap> marked, List<Live> enabled) {
        this.file = file;
        this.marked = marked;
        this.enabled = enabled.toArray(Live[]::new);
    }

    /**
     * Reads the bitmaps and marks them as in use, which is durable when this returns.
     *
     * @throws IOException if they are damaged
     */
    static BitmapTracker open(BlockFile file, Qcow2Header header, long capacity) throws IOException {
        BitmapDirectory directory = new BitmapDirectory(file, header);
        List<StoredBitmap> marked = new ArrayList<>();
        List<Live> enabled = new ArrayList<>();
        for (StoredBitmap each : directory.read()) {
            if (!each.isInUse()) {
                marked.add(each);
                if (each.isEnabled()) {
                    enabled.add(new Live(each, directory.load(each, capacity)));
                }
            }
        }
        for (StoredBitmap each : marked) {
            directory.writeFlags(each, each.flags() | StoredBitmap.IN_USE);
        }
        if (!marked.isEmpty()) {
            file.flush();
        }
        return new BitmapTracker(file, marked, enabled);
    }

    /** Notes that a range of the disk changes. */
    void mark(long offset, long length) {
        if (length > 0) {
            for (Live each : enabled) {
                each.mark(offset, length);
            }
        }
    }

    /** Stores the bitmaps; the image's own tables are in the file already. */
    void close() throws IOException {
        if (marked.isEmpty()) {
            return;
        }
        BitmapStore store = null;
        for (Live each : enabled) {
            if (each.changed) {
                store = store == null ? new BitmapStore(file, new Qcow2Tables(file)) : store;
                store.save(each.stored, each.bits);
            }
        }
        file.flush();
        BitmapDirectory directory = new BitmapDirectory(file, Qcow2Header.read(file));
        for (StoredBitmap each : marked) {
            directory.writeFlags(each, each.flags());
        }
        file.flush();
    }
}
