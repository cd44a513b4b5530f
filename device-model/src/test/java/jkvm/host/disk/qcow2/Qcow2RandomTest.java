package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.util.Arrays;
import jkvm.host.disk.DiskImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Qcow2RandomTest {
    private static final int STEPS = 400;

    @ParameterizedTest(name = "cluster size {0}, lazy {1}")
    @CsvSource({"512,false", "512,true", "65536,false"})
    void shouldUseABlockDeviceThatHeldOtherData(int clusterSize, boolean lazy) throws IOException {
        int size = 1_200_128;
        // Compressed writes take other clusters each time, and free the old ones with a flush only.
        MemoryFile device = MemoryFile.device(TestDisks.randomBytes(2, 12 << 20));
        TestDisks.create(device, TestDisks.options(size, clusterSize, 3, lazy));
        byte[] content = new byte[size];
        for (int session = 0; session < 3; session++) {
            DiskImage image = TestDisks.open(device);
            RandomRequests requests = new RandomRequests(image, content, session, 200_000);
            for (int i = 0; i < STEPS; i++) {
                requests.step();
            }
            requests.verify();
            image.flush();
            if (session != 1) {
                image.close();
            }
            device = MemoryFile.device(device.content());
            if (session != 1) {
                TestDisks.assertClean(device);
            }
            content = requests.twin();
        }
    }

    @ParameterizedTest(name = "cluster size {0}, version {1}, refcounts of {2} bits, lazy {3}, backing of {4} bytes")
    @CsvSource({"512,3,16,false,0", "512,3,16,true,300000", "512,2,16,false,300000", "4096,3,16,false,2000000",
            "4096,2,16,false,0", "65536,3,16,false,700000", "65536,3,16,true,0", "2097152,3,16,false,100000",
            "512,3,64,false,300000", "512,3,64,true,0", "4096,3,1,false,0", "512,3,2,false,300000", "512,3,8,false,0",
            "1024,3,32,true,0", "1024,3,4,false,1000"})
    void shouldHoldWhatARawTwinHolds(int clusterSize, int version, int bits, boolean lazy, int backingSize)
            throws IOException {
        int size = 2_234_880;
        byte[] base = TestDisks.randomBytes(1, backingSize);
        byte[] content = Arrays.copyOf(base, size);
        MemoryFile file = TestDisks.create(TestDisks.options(size, clusterSize, version, bits, lazy));

        for (int session = 0; session < 3; session++) {
            DiskImage image = TestDisks.open(file, backingSize == 0 ? null : TestDisks.raw(base), false);
            RandomRequests requests = new RandomRequests(image, content, session, 200_000);
            for (int i = 0; i < STEPS; i++) {
                requests.step();
                if (i % 37 == 0) {
                    image.flush();
                    if (!lazy) {
                        TestDisks.assertNotCorrupt(file);
                    }
                }
            }
            requests.verify();
            image.close();
            file = new MemoryFile(file.content());
            TestDisks.assertClean(file);
            content = requests.twin();
        }
        try (DiskImage image = TestDisks.open(file, backingSize == 0 ? null : TestDisks.raw(base), true)) {
            assertArrayEquals(content, TestDisks.readAll(image));
        }
    }
}
