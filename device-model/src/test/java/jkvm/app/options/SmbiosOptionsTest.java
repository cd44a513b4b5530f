package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.guest.GuestImages;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.board.SmbiosFiles;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineException;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.tables.AcpiSettings;
import jkvm.tables.FirmwareFiles;
import jkvm.tables.PlatformDescription;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code -smbios} beside QEMU, byte by byte: {@code smbios-7.2.txt} has QEMU's anchors and tables. */
class SmbiosOptionsTest {
    private static final Path RECORD =
            GuestImages.folder("device-model", "src/test/resources/jkvm/app/options").resolve("smbios-7.2.txt");
    private static final String ANCHOR = "etc/smbios/smbios-anchor";
    private static final String TABLES = "etc/smbios/smbios-tables";
    /** QEMU's default model without KVM has these in CPUID's leaf 1. */
    private static final long QEMUS_PROCESSOR = 0x078BFBFD00060FB1L;
    private static final HexFormat HEX = HexFormat.of();
    private static final int MAX_STRING = 0xFFFF;

    @TempDir
    private Path folder;

    @BeforeEach
    void makeFiles() throws IOException {
        Files.write(folder.resolve("oem.bin"), HEX.parseHex("8506000568696162630000"));
        Files.write(folder.resolve("system.bin"), HEX.parseHex("0106000568696162630000"));
        Files.write(folder.resolve("short.bin"), new byte[2]);
        Files.writeString(folder.resolve("oem.txt"), "a line\n");
        Files.write(folder.resolve("nul.txt"), new byte[] {'a', 0});
        Files.writeString(folder.resolve("large.txt"), "x".repeat(MAX_STRING));
    }

    private static Map<String, String> recorded() throws IOException {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String row : Files.readAllLines(RECORD)) {
            String[] parts = row.split("\t", 2);
            rows.put(parts[0], parts.length < 2 ? "" : parts[1]);
        }
        return rows;
    }

    private List<String> words(String line) {
        List<String> words = new ArrayList<>();
        for (String word : line.split(" ")) {
            words.add(word.replaceAll("(?<==)(\\w+\\.(bin|txt))", folder + "/$1"));
        }
        return words;
    }

    private Map<String, byte[]> jkvms(String line) {
        MachineConfig config = QemuOptions.parse(words(line), DeviceTypes.builtIn()).machine();
        PlatformDescription platform = new PlatformDescription(config.platform().cpus(), List.of(), true, true,
                Optional.empty(), List.of(), config.platform().uuid(), false, true,
                SmbiosFiles.read(config.platform().smbios(), QEMUS_PROCESSOR, config.devices()), false,
                AcpiSettings.DEFAULT);
        try (Arena arena = Arena.ofConfined()) {
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena,
                    config.platform().memoryBytes());
            SmbiosFiles.check(memory, platform);
            return FirmwareFiles.of(memory, platform);
        }
    }

    private String qemus(String line) throws IOException {
        try (QemuFiles qemu = new QemuFiles(folder, words(line))) {
            return HEX.formatHex(qemu.read(ANCHOR)) + "\t" + HEX.formatHex(qemu.read(TABLES));
        }
    }

    @Test
    void shouldMakeQemusTablesByteByByte() throws IOException {
        Map<String, String> different = new LinkedHashMap<>();
        for (Map.Entry<String, String> row : recorded().entrySet()) {
            Map<String, byte[]> files = jkvms(row.getKey());
            String made = HEX.formatHex(files.get(ANCHOR)) + "\t" + HEX.formatHex(files.get(TABLES));
            if (!made.equals(row.getValue())) {
                different.put(row.getKey(), made + "\n" + row.getValue());
            }
        }
        assertEquals(Map.of(), different, "jkvm's tables, then QEMU's");
    }

    @Test
    void shouldCompareWithThatWhichQemuMakes() throws IOException {
        assumeTrue(QemuFiles.isThere(), "no " + OptionRun.QEMU);
        if (Boolean.getBoolean("jkvm.options.record")) {
            List<String> rows = new ArrayList<>();
            for (String line : recorded().keySet()) {
                rows.add(line + '\t' + qemus(line));
            }
            Files.write(RECORD, rows);
        }
        Map<String, String> recorded = recorded();
        List<String> lines = Boolean.getBoolean("jkvm.long") ? List.copyOf(recorded.keySet())
                : List.of(recorded.keySet().iterator().next());
        for (String line : lines) {
            assertEquals(recorded.get(line), qemus(line), line);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            file=short.bin                          | Cannot read SMBIOS file
            type=11,path=nul.txt                    | NUL in OEM strings value in
            type=11,path=large.txt                  | SMBIOS 2.1 table length 65906 exceeds 65535
            type=41,pcidev=zz                       | No PCI device zz for SMBIOS type 41 entry
            type=1,serial=x -smbios file=system.bin | can't load type 1 struct
            """)
    void shouldRefuseTablesThatCannotBe(String value, String problem) {
        MachineException e = assertThrows(MachineException.class, () -> jkvms("-smbios " + value));

        String message = ErrorText.of(e).orElseThrow();
        assertTrue(message.startsWith("-smbios") && message.contains(problem), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            type=128                | type 128 is out of range!
            type=9                  | Don't know how to build fields for SMBIOS type 9
            type=1,uuid=1           | Invalid UUID: write it as 8-4-4-4-12 hexadecimal digits
            type=0,release=1        | Invalid release: write MAJOR.MINOR
            type=4,max-speed=70000  | SMBIOS CPU speed is too large (> 65535)
            type=x                  | property type is not a number: x
            serial=1                | Must specify type= or file=
            """)
    void shouldRefuseValuesThatQemuRefuses(String value, String problem) {
        UsageException e = assertThrows(UsageException.class, () -> jkvms("-smbios " + value));

        assertEquals("-smbios " + value + ": " + problem, e.getMessage());
    }
}
