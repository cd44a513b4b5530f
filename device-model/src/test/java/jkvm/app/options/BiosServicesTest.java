package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.machine.config.DeviceTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How SeaBIOS answers a boot sector, beside QEMU: it knows of disk and memory by what the machine tells it. */
class BiosServicesTest {
    private static final String IMAGES = "src/test/resources/jkvm/bootsector";
    private static final Path ROM = Path.of("/usr/share/seabios/bios-256k.bin");
    private static final long DISK_SIZE = 64 << 20;
    private static final int TIMEOUT_SECONDS = 60;

    @TempDir
    private Path folder;
    private Path disk;

    @BeforeEach
    void makeDisk() throws IOException {
        disk = folder.resolve("disk.img");
        Files.copy(GuestImages.folder("device-model", IMAGES).resolve("bios.bin"), disk);
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(DISK_SIZE);
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldBeWhatTheirSourcesMake() {
        return GuestImages.check("device-model", "src/test/guest/bootsector", IMAGES);
    }

    private List<String> words(String properties) {
        return List.of("-nodefaults", "-display", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device",
                "isa-debugcon,iobase=0xea,chardev=machine", "-drive", "if=none,id=d,format=raw,file=" + disk, "-device",
                "virtio-blk-pci,drive=d,bootindex=0" + properties);
    }

    /** Function 08h: heads and sectors packed in CX and DX; 48h: cylinders, heads, sectors, sectors in all, bytes. */
    @ParameterizedTest
    @CsvSource({"'',8 00000000 0000803f 00000f01,4 00000000 0000001a 00000082 00000010 0000003f 00020000 00000200",
            "',lcyls=100,lheads=4,lsecs=17',8 00000000 00006211 00000301,"
                    + "4 00000000 0000001a 00000082 00000010 0000003f 00020000 00000200",
            "',cyls=200,heads=8,secs=32',8 00000000 0000c620 00000701,"
                    + "4 00000000 0000001a 000000c8 00000008 00000020 00020000 00000200"})
    void shouldTellGeometryAndMemory(String properties, String function8, String function48) throws Exception {
        assumeTrue(Files.exists(ROM), "Debian's package seabios is not installed");
        List<String> words = new ArrayList<>(words(properties));
        words.addAll(List.of("-chardev", "null,id=machine", "-bios", ROM.toString()));
        List<String> lines = OptionMachines.output(QemuOptions.parse(words, DeviceTypes.builtIn()).machine()).lines()
                .toList();
        assertEquals(List.of(function8, function48, "m 0000027f", "e 00000000 00000000 00000000 0009fc00 00000001",
                "e 00000000 0009fc00 00000000 00000400 00000002", "e 00000000 000f0000 00000000 00010000 00000002"),
                lines.subList(0, 6));
        if (QemuFiles.isThere()) {
            assertEquals(lines.subList(0, 6), askQemu(properties).subList(0, 6), "QEMU's");
        }
    }

    private List<String> askQemu(String properties) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(List.of(OptionRun.QEMU, "-chardev", "file,id=machine,path=" + output));
        command.addAll(words(properties));
        Process process = new ProcessBuilder(command).inheritIO().start();
        try {
            process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(output, StandardCharsets.ISO_8859_1);
    }
}
