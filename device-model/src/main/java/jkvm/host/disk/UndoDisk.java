package jkvm.host.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A disk that returns to earlier moments: for each moment that was marked it keeps, in memory, what has been replaced
 * since, in pieces of {@link #PIECE} bytes.
 *
 * <p>Threads: {@link #mark}, {@link #revert} and {@link #forget} are called while no request is in progress.
 */
public final class UndoDisk extends ForwardingDisk {
    private static final int PIECE = 1 << 16;

    /** For each moment what was there then, by the piece's number, and was replaced before the next moment. */
    private final List<Map<Long, byte[]>> moments = new ArrayList<>();

    /** @param inner closed with this disk */
    public UndoDisk(DiskImage inner) {
        super(inner);
    }

    /** Marks this moment. */
    public synchronized void mark() {
        moments.add(new HashMap<>());
    }

    /**
     * Returns to a moment. Later ones are forgotten, this one stays.
     *
     * @param moment counted from zero
     */
    public synchronized void revert(int moment) {
        while (moments.size() > moment) {
            moments.removeLast().forEach((piece, content) -> {
                try {
                    inner.write(piece * PIECE, MemorySegment.ofArray(content));
                } catch (IOException e) {
                    throw new UncheckedIOException(name() + ": " + e.getMessage(), e);
                }
            });
        }
        mark();
    }

    /** Forgets a moment: the disk can no longer return to it. */
    public synchronized void forget(int moment) {
        if (moment == 0) {
            moments.removeFirst();
            return;
        }
        Map<Long, byte[]> before = moments.get(moment - 1);
        moments.remove(moment).forEach(before::putIfAbsent);
    }

    /** The size of all that is kept, in bytes. */
    public synchronized long kept() {
        return moments.stream().mapToLong(Map::size).sum() * PIECE;
    }

    private synchronized void keep(long offset, long length) throws IOException {
        if (moments.isEmpty() || length <= 0) {
            return;
        }
        Map<Long, byte[]> since = moments.getLast();
        for (long piece = offset / PIECE; piece * PIECE < offset + length; piece++) {
            if (!since.containsKey(piece)) {
                byte[] content = new byte[(int) Math.min(PIECE, capacity() - piece * PIECE)];
                inner.read(piece * PIECE, MemorySegment.ofArray(content));
                since.put(piece, content);
            }
        }
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        keep(offset, length);
        inner.write(offset, memory, at, length);
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        keep(offset, length);
        inner.discard(offset, length);
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        keep(offset, length);
        inner.writeZeroes(offset, length, mayUnmap);
    }
}
