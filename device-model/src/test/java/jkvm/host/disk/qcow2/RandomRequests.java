package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import jkvm.host.disk.DiskImage;

/** Sends random requests to an image and does the same to an array of bytes. */
public final class RandomRequests {
    private final DiskImage image;
    private final byte[] twin;
    private final Random random;
    private final int largest;
    private int lastOffset;
    private int lastLength;

    /** @param content what the image holds at first */
    public RandomRequests(DiskImage image, byte[] content, long seed, int largest) {
        this.image = image;
        this.twin = content.clone();
        this.random = new Random(seed);
        this.largest = largest;
    }

    public byte[] twin() {
        return twin;
    }

    /** The range that the last request was about, even if it failed. */
    public int lastOffset() {
        return lastOffset;
    }

    public int lastLength() {
        return lastLength;
    }

    /** One write, discard or write of zeros, or a read that has to give what was written. */
    public void step() throws IOException {
        int unit = random.nextInt(4) == 0 ? 1 : 512;
        int most = random.nextInt(6) == 0 ? largest : Math.max(largest / 16, 1024);
        int length = Math.min((1 + random.nextInt(most)) / unit * unit, twin.length);
        int offset = random.nextInt(twin.length - length + 1) / unit * unit;
        lastOffset = offset;
        lastLength = length;
        switch (random.nextInt(10)) {
            case 0, 1 -> discard(offset, length);
            case 2, 3 -> {
                image.writeZeroes(offset, length, random.nextBoolean());
                Arrays.fill(twin, offset, offset + length, (byte) 0);
            }
            case 5 -> writeCompressed(offset, length);
            case 4 -> assertArrayEquals(Arrays.copyOfRange(twin, offset, offset + length),
                    TestDisks.read(image, offset, length));
            default -> {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                image.write(offset, MemorySegment.ofArray(bytes));
                System.arraycopy(bytes, 0, twin, offset, length);
            }
        }
    }

    /** Whole clusters, of which one half is random and the other half repeats it. */
    private void writeCompressed(int offset, int length) throws IOException {
        int unit = image.blockSize();
        int from = offset / unit * unit;
        int to = Math.min(twin.length, (offset + length + unit - 1) / unit * unit);
        if (!image.canCompress() || to - from > largest) {
            return;
        }
        byte[] bytes = new byte[to - from];
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            int inCluster = i % unit;
            bytes[i] = inCluster < unit / 2 ? bytes[i] : bytes[i - unit / 2];
        }
        lastOffset = from;
        lastLength = bytes.length;
        image.writeCompressed(from, MemorySegment.ofArray(bytes));
        System.arraycopy(bytes, 0, twin, from, bytes.length);
    }

    /** A discarded range reads as zeros or as before. */
    private void discard(int offset, int length) throws IOException {
        image.discard(offset, length);
        byte[] now = TestDisks.read(image, offset, length);
        for (int i = 0; i < length; i++) {
            assertTrue(now[i] == 0 || now[i] == twin[offset + i], "a discard made other bytes");
        }
        System.arraycopy(now, 0, twin, offset, length);
    }

    public void verify() throws IOException {
        assertArrayEquals(twin, TestDisks.readAll(image));
    }
}
