package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.Arrays;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.linux.Zstd;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Qcow2RandomTest {
    private static final int STEPS = 400;
    private static final int SIZE = 2_234_880;

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
        assertHoldsWhatATwinHolds(TestDisks.options(SIZE, clusterSize, version, bits, lazy), backingSize, lazy);
    }

    @ParameterizedTest(name = "{0}, backing of {1} bytes")
    @DisplayName("subclusters, zstd and preallocated clusters hold what a raw twin holds")
    @CsvSource(delimiter = '|', value = {"extended_l2=on,cluster_size=16k | 0",
        "extended_l2=on,cluster_size=16k | 700000", "extended_l2=on,cluster_size=64k,lazy_refcounts=on | 700000",
        "extended_l2=on,cluster_size=2M | 300000", "extended_l2=on,refcount_bits=1,cluster_size=16k | 1300000",
        "preallocation=metadata,cluster_size=4k | 0", "preallocation=full,refcount_bits=64,cluster_size=512 | 0",
        "extended_l2=on,preallocation=metadata,cluster_size=32k | 900000"})
    void shouldHoldWhatARawTwinHoldsWithNewerFeatures(String options, int backingSize) throws IOException {
        assertHoldsWhatATwinHolds(TestDisks.options(SIZE, options), backingSize, options.contains("lazy"));
        assumeTrue(Zstd.ofHost().isPresent(), "this host has no libzstd");
        assertHoldsWhatATwinHolds(TestDisks.options(SIZE, options + ",compression_type=zstd"), backingSize,
                options.contains("lazy"));
    }

    private static void assertHoldsWhatATwinHolds(CreateValues options, int backingSize, boolean lazy)
            throws IOException {
        byte[] base = TestDisks.randomBytes(1, backingSize);
        byte[] content = Arrays.copyOf(base, SIZE);
        MemoryFile file = TestDisks.create(options);

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
