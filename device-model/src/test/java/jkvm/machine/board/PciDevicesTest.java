package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jkvm.tables.PlatformDescription;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PciDevicesTest {
    private static final long MIB = 1 << 20;

    /** The starts and sizes are those that QEMU 7.2's machine gives its guests. */
    @ParameterizedTest
    @CsvSource({"128, 36, 4096, 6144", "3072, 36, 4096, 6144", "5120, 36, 5120, 7168", "6144, 36, 6144, 8192",
        "6145, 36, 7168, 9216", "63488, 36, 63488, 65536"})
    void shouldLeaveRoomForBarsBehindRam(long memoryEnd, int addressBits, long start, long end) {
        PlatformDescription.PciHost host = PciDevices.host(memoryEnd * MIB, addressBits);
        assertEquals(start * MIB, host.wideStart());
        assertEquals(end * MIB, host.wideEnd());
    }

    @ParameterizedTest
    @CsvSource({"128, 32", "63489, 36", "65536, 36"})
    void shouldLeaveNoneWhereAddressesDoNotReach(long memoryEnd, int addressBits) {
        PlatformDescription.PciHost host = PciDevices.host(memoryEnd * MIB, addressBits);
        assertEquals(host.wideStart(), host.wideEnd());
    }
}
