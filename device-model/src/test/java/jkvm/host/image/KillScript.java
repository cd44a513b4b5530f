package jkvm.host.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageOptions;
import jkvm.linux.FfmSyscalls;

/**
 * Requests that follow from a seed. As a program it sends them to an image until it is killed, and prints a line after
 * each flush.
 */
final class KillScript {
    static final int SIZE = 8 << 20;

    private final Random random;

    /** One request; {@code fill} is the byte that it writes, zero for a write of zeros. */
    record Request(boolean isFlush, int offset, int length, byte fill) {
    }

    KillScript(long seed) {
        random = new Random(seed * 0x9e3779b97f4a7c15L);
    }

    Request next() {
        if (random.nextInt(6) == 0) {
            return new Request(true, 0, 0, (byte) 0);
        }
        int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 600_000 : 20_000);
        return new Request(false, random.nextInt(SIZE - length), length, (byte) random.nextInt(4));
    }

    /** Sends requests for ever. */
    public static void main(String[] arguments) throws IOException {
        KillScript script = new KillScript(Long.parseLong(arguments[1]));
        DiskImage image = new DiskImages(new FfmSyscalls()).open(Path.of(arguments[0]),
                ImageOptions.WRITABLE.withUnmap(true));
        byte[] buffer = new byte[SIZE];
        while (true) {
            Request request = script.next();
            if (request.isFlush) {
                image.flush();
                System.out.write('\n');
                System.out.flush();
            } else if (request.fill == 0) {
                image.writeZeroes(request.offset, request.length, true);
            } else {
                Arrays.fill(buffer, 0, request.length, request.fill);
                image.write(request.offset, MemorySegment.ofArray(buffer).asSlice(0, request.length));
            }
        }
    }
}
