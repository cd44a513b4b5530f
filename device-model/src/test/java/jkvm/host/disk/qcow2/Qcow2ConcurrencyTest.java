package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2ConcurrencyTest {
    private static final int THREADS = 4, PART = 1 << 20, REQUESTS = 150;

    @TempDir
    private Path folder;

    /** Each thread uses sectors of its own, which share clusters with those of the others. */
    private static byte[] use(DiskImage image, int thread) throws IOException {
        Random random = new Random(thread);
        byte[] twin = new byte[PART];
        for (int i = 0; i < REQUESTS; i++) {
            int sector = random.nextInt(PART / 512);
            long offset = ((long) sector * THREADS + thread) * 512;
            switch (random.nextInt(8)) {
                case 0 -> image.flush();
                case 1 -> {
                    image.writeZeroes(offset, 512, true);
                    Arrays.fill(twin, sector * 512, sector * 512 + 512, (byte) 0);
                }
                case 2 -> assertArrayEquals(Arrays.copyOfRange(twin, sector * 512, sector * 512 + 512),
                        TestDisks.read(image, offset, 512));
                default -> {
                    byte[] bytes = new byte[512];
                    random.nextBytes(bytes);
                    image.write(offset, MemorySegment.ofArray(bytes));
                    System.arraycopy(bytes, 0, twin, sector * 512, 512);
                }
            }
        }
        return twin;
    }

    @Test
    void shouldServeManyThreadsAtOnce() throws Exception {
        DiskImages images = new DiskImages(new FfmSyscalls());
        Path path = folder.resolve("a.qcow2");
        images.create(path, ImageFormat.QCOW2, CreateValues.ofSize((long) THREADS * PART));
        try (DiskImage image = images.open(path, ImageOptions.WRITABLE.withUnmap(true).withCache(CacheMode.UNSAFE));
                var executor = Executors.newFixedThreadPool(THREADS)) {
            List<Future<byte[]>> users = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                users.add(executor.submit(() -> use(image, thread)));
            }
            byte[] all = new byte[THREADS * PART];
            for (int i = 0; i < THREADS; i++) {
                byte[] twin = users.get(i).get();
                for (int sector = 0; sector < PART / 512; sector++) {
                    System.arraycopy(twin, sector * 512, all, (sector * THREADS + i) * 512, 512);
                }
            }
            assertArrayEquals(all, TestDisks.readAll(image));
        }
        CheckResult check = images.check(path, ImageOptions.READ_ONLY, Repair.NOTHING, line -> { }).orElseThrow();
        assertEquals(0, check.corruptions() + check.leaks());
    }
}
