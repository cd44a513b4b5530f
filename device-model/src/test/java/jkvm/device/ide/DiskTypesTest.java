package jkvm.device.ide;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jkvm.device.disk.DiskGeometry;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.MemoryDisk;
import org.junit.jupiter.api.Test;

/** Values that QEMU 7.2's machines have in their clocks. */
class DiskTypesTest {
    private static AtaDisk disk(int sectors, DiskGeometry geometry) {
        return new AtaDisk("disk", new MemoryDisk(sectors), new AtaIdentity("s", "m", "f", 0, 512), geometry, true,
                new DiskStatistics());
    }

    private static String bytes(AtaDisk... disks) {
        Map<Integer, Integer> memory = new TreeMap<>();
        DiskTypes.put(Arrays.asList(disks), memory::put);
        return memory.entrySet().stream().map(entry -> "%02x:%02x".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(" "));
    }

    @Test
    void shouldDescribeTheFirstCablesDisks() {
        assertEquals("12:f0 19:2f 1b:02 1c:00 1d:10 1e:ff 1f:ff 20:c8 21:02 22:00 23:3f 39:00",
                bytes(disk(2048, DiskGeometry.GUESSED), null, null, null));
        assertEquals("12:0f 1a:2f 24:64 25:00 26:08 27:ff 28:ff 29:c0 2a:64 2b:00 2c:11 39:00",
                bytes(null, disk(2048, new DiskGeometry(100, 8, 17)), null, null));
        assertEquals("12:00 39:00", bytes(null, null, null, null));
    }

    @Test
    void shouldTellTheTranslationOfAllDisks() {
        assertEquals("12:00 39:10", bytes(null, null, disk(2048, new DiskGeometry(2000, 16, 63)), null));
    }
}
