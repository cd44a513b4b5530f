package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jkvm.machine.config.DeviceTypes;
import jkvm.tables.AcpiSettings;
import jkvm.tables.NumaSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code -acpitable} and {@code -numa}. */
class AcpiOptionsTest {
    private static final String NODES = "-m 64 -smp 2 -object memory-backend-ram,id=m0,size=32M"
            + " -object memory-backend-ram,id=m1,size=32M ";

    @TempDir
    private Path folder;

    private static CommandLine parse(String line) {
        return QemuOptions.parse(List.of(line.split(" ")), DeviceTypes.builtIn());
    }

    private static AcpiSettings settings(String line) {
        return parse(line).machine().platform().acpiSettings();
    }

    @Test
    void shouldMakeATableOfDataAndHeaderFields() throws Exception {
        Path data = Files.write(folder.resolve("t"), new byte[] {1, 2, 3});
        byte[] table = settings("-acpitable data=" + data + ":" + data + ",sig=TEST,oem_rev=0x102").tables().getFirst();
        assertEquals("TEST", new String(table, 0, 4, StandardCharsets.US_ASCII));
        assertEquals("QEMUQEQEMUQEMU", new String(table, 10, 14, StandardCharsets.US_ASCII));
        assertEquals(42, table.length);
        assertEquals(42, table[4]);
        assertArrayEquals(new byte[] {2, 1, 0, 0}, Arrays.copyOfRange(table, 24, 28));
        int sum = 0;
        for (byte each : table) {
            sum += each;
        }
        assertEquals(0, sum & 0xff);
    }

    @Test
    void shouldTakeAWholeTableAndSayWhatIsWrongWithIt() throws Exception {
        Path file = Files.write(folder.resolve("t"), new byte[100]);
        CommandLine line = parse("-acpitable file=" + file);
        assertEquals(100, line.machine().platform().acpiSettings().tables().getFirst()[4]);
        assertTrue(line.warnings().getFirst().endsWith("ACPI table has wrong length, header says 0, actual size 100"
                + " bytes"), line.warnings().toString());
        assertTrue(assertThrows(UsageException.class, () -> parse("-acpitable sig=ABCD")).getMessage()
                .endsWith("'-acpitable' requires one of 'data' or 'file'"));
    }

    @Test
    void shouldDivideMemoryAndProcessorsIntoNodes() {
        NumaSettings numa = settings(NODES + "-numa node,memdev=m0,cpus=1 -numa node,memdev=m1,cpus=0"
                + " -numa dist,src=0,dst=1,val=30").numa().orElseThrow();
        assertEquals(List.of(32L << 20, 32L << 20), numa.sizes());
        assertEquals(List.of(1, 0), numa.cpuNodes());
        assertEquals(List.of(List.of(10, 30), List.of(30, 10)), numa.distances());
        assertEquals(Optional.empty(), settings("-m 64").numa());
    }

    @Test
    void shouldTakeTheMemoryOfOneNodeForTheMachines() {
        assertTrue(parse("-m 32 -object memory-backend-ram,id=m0,size=32M,share=on -numa node,memdev=m0").machine()
                .platform().memory() != parse("-m 32").machine().platform().memory());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -numa node | total memory for NUMA nodes (0x0) should equal RAM size (0x4000000)
            -numa node,mem=32 | Parameter -numa node,mem is not supported by this machine type
            -numa node,memdev=m0 | total memory for NUMA nodes (0x2000000) should equal RAM size (0x4000000)
            -numa node,memdev=m0 -numa node,memdev=m0 | memory backend m0 can't be used multiple times.
            -numa node,memdev=m0,mem=32M | should use either mem= or memdev=,mixing both is not allowed
            -numa node,nodeid=0,memdev=m0 -numa node,nodeid=0,memdev=m1 | Duplicate NUMA nodeid: 0
            -numa node,nodeid=200,memdev=m0 | Max number of NUMA nodes reached: 200
            -numa node,nodeid=0,memdev=m0 -numa node,nodeid=2,memdev=m1 | numa: Node ID missing: 1
            -numa node,memdev=m0,cpus=0-5 -numa node,memdev=m1 | CPU index (2) should be smaller than maxcpus (2)
            -numa node,memdev=m0 -numa dist,src=0,dst=0,val=5 | NUMA distance (5) is invalid
            -numa node,memdev=m0 -numa dist,src=0,dst=3,val=15 | Source/Destination NUMA node is missing
            -numa foo | Parameter 'type' does not accept value 'foo'
            """)
    void shouldRefuseNodesInQemusWords(String line, String message) {
        UsageException e = assertThrows(UsageException.class, () -> parse(NODES + line));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
