package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.media.Bios;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The answers of the built-in BIOS to 44 calls of INT 13h for each drive, beside those that SeaBIOS 1.16.2 gave under
 * QEMU 7.2.22 to the same boot program, with the same disks. Addresses of tables are the BIOS's own affair.
 */
@Timeout(60)
class BiosDisksTest {
    private static final String IMAGES = "src/test/resources/jkvm/bootsector";

    @TempDir
    private Path folder;

    private String disk(String name, long size) throws IOException {
        Path disk = folder.resolve(name);
        Files.copy(GuestImages.folder("device-model", IMAGES).resolve("disks.bin"), disk);
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(size);
        }
        return disk.toString();
    }

    private static final String OWN = "own";
    /** Of the words in a line: the call's, the answer's, then those of the packet at DS:SI. */
    private static final int OFFSET_WORD = 10;
    private static final int PACKET_WORD = 13;
    private static final int TABLE_WORD = PACKET_WORD + 13;
    private static final int GEOMETRY_WORD = PACKET_WORD + 8;

    /** A line without what is a BIOS's own affair, or was meant to be another. */
    private static String comparable(String line) {
        List<String> words = new ArrayList<>(List.of(line.strip().split(" ")));
        if (line.startsWith("0800") && words.get(OFFSET_WORD - 1).equals("F000")) {
            words.set(OFFSET_WORD, OWN);
        }
        if (line.startsWith("4800") && !words.get(TABLE_WORD).equals("FFFF")) {
            words.set(TABLE_WORD, OWN);
            words.set(TABLE_WORD + 1, OWN);
        }
        if (line.startsWith("4B01")) {
            words.set(GEOMETRY_WORD, OWN);
            words.set(GEOMETRY_WORD + 1, OWN);
        }
        // SeaBIOS does not choose formats for floppy disks.
        return line.matches("1800 0000 4F12 00.*") ? "" : String.join(" ", words);
    }

    private static String comparable(Stream<String> lines) {
        return lines.map(BiosDisksTest::comparable).collect(Collectors.joining("\n"));
    }

    private static String pinned(String name) throws IOException {
        try (InputStream in = BiosDisksTest.class.getResourceAsStream("/jkvm/biosdisks/" + name)) {
            return comparable(new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines());
        }
    }

    /** The lines of drives. */
    private static String answers(List<String> words, String drives) throws Exception {
        List<String> all = new ArrayList<>(List.of("-nodefaults", "-display", "none", "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "isa-debugcon,iobase=0xea,chardev=machine",
                "-chardev", "null,id=machine"));
        all.addAll(words);
        MachineConfig config = QemuOptions.parse(all, DeviceTypes.builtIn()).machine();
        assertEquals(!words.contains("-bios"), config.usesBuiltInBios());
        return comparable(OptionMachines.output(config).lines()
                .filter(line -> line.matches(".{17}(" + drives + ") =.*")));
    }

    @Test
    void shouldAnswerForVirtioDisksAsSeaBios() throws Exception {
        List<String> words = List.of("-drive", "if=virtio,format=raw,file=" + disk("small", 10 << 20), "-drive",
                "if=virtio,format=raw,file=" + disk("large", 9L << 30));

        assertEquals(pinned("virtio.txt"), answers(words, "80|81"));
    }

    @Test
    void shouldAnswerForIdeDisksAsSeaBios() throws Exception {
        List<String> words = List.of("-drive", "if=ide,format=raw,file=" + disk("first", 10 << 20), "-drive",
                "if=ide,format=raw,file=" + disk("second", 600 << 20));

        assertEquals(pinned("ide.txt"), answers(words, "80|81"));
    }

    @Test
    void shouldAnswerForACdAsSeaBios() throws Exception {
        Path image = Path.of(disk("program", 2048));
        List<String> words = List.of("-cdrom", TestCd.of(folder.resolve("cd.iso"), Files.readAllBytes(image), 0));

        assertEquals(pinned("cd.txt"), answers(words, "00|80|E0"));
    }

    @Test
    void shouldAnswerForAFloppyDiskThatIsACdsImageAsSeaBios() throws Exception {
        Path image = Path.of(disk("program", 1440 << 10));
        List<String> words = List.of("-cdrom", TestCd.of(folder.resolve("cd.iso"), Files.readAllBytes(image), 2));

        assertEquals(pinned("cd-floppy.txt"), answers(words, "00|80|E0"));
    }

    @Test
    void shouldAnswerForAFloppyDiskAsSeaBios() throws Exception {
        List<String> words = List.of("-drive", "if=floppy,format=raw,file=" + disk("floppy", 1440 << 10));

        assertEquals(pinned("floppy.txt"), answers(words, "00|80"));
    }

    /** Two disks of one controller. */
    private List<String> disksOf(List<String> controller, String type, List<String> places, List<String> firmware)
            throws IOException {
        List<String> words = new ArrayList<>(controller);
        List<String> disks = List.of(disk("first", 10 << 20), disk("second", 600 << 20));
        for (int i = 0; i < disks.size(); i++) {
            words.addAll(List.of("-drive", "if=none,id=d" + i + ",format=raw,file=" + disks.get(i), "-device",
                    type + ",drive=d" + i + ",bus=" + places.get(i)));
        }
        words.addAll(firmware);
        return words;
    }

    @ParameterizedTest
    @EnumSource
    void shouldAnswerForSataDisksAsSeaBiosUnderQemu(Bios bios) throws Exception {
        List<String> words = disksOf(List.of("-device", "ahci,id=ahci0"), "ide-hd", List.of("ahci0.0", "ahci0.1"),
                bios.words());

        assertEquals(pinned("ahci.txt"), answers(words, "80|81"));
    }

    @ParameterizedTest
    @EnumSource
    void shouldAnswerForScsiDisksAsSeaBiosUnderQemu(Bios bios) throws Exception {
        List<String> words = disksOf(List.of("-device", "virtio-scsi-pci,id=scsi"), "scsi-hd",
                List.of("scsi.0", "scsi.0"), bios.words());

        assertEquals(pinned("scsi.txt"), answers(words, "80|81"));
    }
}
