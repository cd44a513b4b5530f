package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import jkvm.app.Main;
import jkvm.host.disk.SnapshotText;
import jkvm.host.image.QemuImg;
import jkvm.json.StrictJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImgCommandTest {
    @TempDir
    private Path folder;

    private record Outcome(int code, String out, String err) {
    }

    private static Outcome run(Object... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of("img"));
        Arrays.stream(words).map(Object::toString).forEach(arguments::add);
        int code = Main.run(arguments, new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static String succeed(Object... words) {
        Outcome outcome = run(words);
        assertEquals(0, outcome.code, outcome.err);
        return outcome.out;
    }

    private static void assertRefused(String reason, Object... words) {
        Outcome outcome = run(words);
        assertEquals(1, outcome.code, outcome.out);
        assertTrue(outcome.err.startsWith("jkvm: ") && outcome.err.contains(reason), outcome.err);
        assertEquals(outcome.err.length() - 1, outcome.err.indexOf('\n'), outcome.err);
    }

    private Path path(String name) {
        return folder.resolve(name);
    }

    private byte[] writeRaw(String name) throws IOException {
        byte[] content = new byte[3 << 20];
        new Random(1).nextBytes(content);
        Arrays.fill(content, 500_000, 2_000_000, (byte) 0);
        Files.write(path(name), content);
        return content;
    }

    @Test
    void shouldCreateAndDescribeImages() {
        assertEquals("Formatting '" + path("a.qcow2") + "', fmt=qcow2 cluster_size=4096 extended_l2=off"
                + " compression_type=zlib size=10485760 lazy_refcounts=on refcount_bits=16\n",
                succeed("create", "-f", "qcow2", "-o", "cluster_size=4k,lazy_refcounts=on", path("a.qcow2"), "10M"));
        String info = succeed("info", path("a.qcow2"));
        assertTrue(info.contains("file format: qcow2\nvirtual size: 10 MiB (10485760 bytes)\n"), info);
        assertTrue(info.contains("cluster_size: 4096\n") && info.contains("lazy refcounts: true\n"), info);

        assertEquals("Formatting '" + path("a.img") + "', fmt=raw size=1500\n",
                succeed("create", path("a.img"), "1500"));
        assertTrue(succeed("info", path("a.img")).contains("virtual size: 1.5 KiB (1536 bytes)"));
        assertEquals("", succeed("create", "-qfqcow2", path("b.qcow2"), "1M"));
    }

    @Test
    void shouldTakeTheSizeOfTheBackingFile() {
        succeed("create", "-q", path("base.img"), "7M");
        succeed("create", "-q", "-f", "qcow2", "-b", "base.img", "-F", "raw", path("top.qcow2"));
        Map<?, ?> info = (Map<?, ?>) StrictJson.parse(succeed("info", "--output=json", path("top.qcow2")));
        assertEquals("base.img", info.get("backing-filename"));
        assertEquals("raw", info.get("backing-filename-format"));
        assertEquals(7 << 20, ((Number) info.get("virtual-size")).longValue());
        String chain = succeed("info", "--backing-chain", path("top.qcow2"));
        assertTrue(chain.contains("(actual path: " + path("base.img") + ")\n"), chain);
        assertTrue(chain.contains("\n\nimage: " + path("base.img") + "\nfile format: raw\n"), chain);
    }

    @Test
    void shouldRefuseWhatItCannotCreate() {
        assertRefused("needs a size", "create", "-f", "qcow2", path("a.qcow2"));
        assertRefused("must be a power of two between 512 and 2048k", "create", "-f", "qcow2", "-o",
                "cluster_size=1000", path("a.qcow2"), "1M");
        assertRefused("Unknown file format 'vmdkk'", "create", "-f", "vmdkk", path("a.qcow2"), "1M");
        assertRefused("Invalid parameter 'foo'", "create", "-f", "qcow2", "-o", "foo=1", path("a.qcow2"), "1M");
        assertRefused("Backing file specified without backing format", "create", "-f", "qcow2", "-b", "x.img",
                path("a.qcow2"), "1M");
        assertRefused("no such file", "create", "-f", "qcow2", "-b", "x.img", "-F", "raw", path("a.qcow2"), "1M");
        assertRefused("Invalid image size specified: 1X", "create", path("a.img"), "1X");
        assertRefused("too large for clusters of 512", "create", "-q", "-f", "qcow2", "-o", "cluster_size=512",
                path("a.qcow2"), "1T");
        for (String[] each : new String[][] {
            {"compression_type=lz4", "Parameter 'compression-type' does not accept value 'lz4'"},
            {"compression_type=zstd,compat=0.10", "Non-zlib compression type is only supported"},
            {"extended_l2=on,cluster_size=8k", "at least 16384 bytes"},
            {"data_file_raw=on", "data-file-raw requires data-file"},
            {"preallocation=some", "Parameter 'preallocation' does not accept value 'some'"}}) {
            assertRefused(each[1], "create", "-q", "-f", "qcow2", "-o", each[0], path("a.qcow2"), "1M");
        }
        assertRefused("Backing file not supported for file format 'raw'", "create", "-b", "x", path("a.img"), "1M");
        assertRefused("unknown command creat; did you mean create?", "creat");
        assertRefused("unknown option -z", "info", "-z", path("a.img"));
        assertRefused("no such file", "info", path("missing.img"));
        assertRefused("expects one image file name", "info");
        assertRefused("-t must be writeback", "convert", "-t", "fast", path("a.img"), path("b.img"));
    }

    @Test
    void shouldConvertThereAndBack() throws IOException {
        byte[] content = writeRaw("a.img");
        String progress = succeed("convert", "-p", "-O", "qcow2", path("a.img"), path("a.qcow2"));
        assertTrue(progress.startsWith("    (0.00/100%)\r") && progress.endsWith("    (100.00/100%)\r\n"), progress);
        assertEquals("", succeed("convert", path("a.qcow2"), path("b.img")));
        assertArrayEquals(content, Files.readAllBytes(path("b.img")));
        assertTrue(Files.size(path("a.qcow2")) < content.length, "zeros take no space");

        succeed("create", "-q", "-f", "qcow2", "-b", "a.qcow2", "-F", "qcow2", path("top.qcow2"));
        succeed("convert", "-O", "qcow2", "-B", "a.qcow2", "-F", "qcow2", path("top.qcow2"), path("same.qcow2"));
        assertTrue(Files.size(path("same.qcow2")) < 1 << 20, "what the backing file has takes no space");
        assertRefused("no compressed data", "convert", "-c", path("a.img"), path("c.img"));
        assertRefused("lock", "convert", path("a.img"), path("a.img"));
        assertArrayEquals(content, Files.readAllBytes(path("a.img")));
    }

    @Test
    void shouldConvertIntoAnImageThatIsThere() throws IOException {
        byte[] content = writeRaw("a.img");
        byte[] old = new byte[content.length + 1024];
        Arrays.fill(old, (byte) 7);
        Files.write(path("b.img"), old);
        succeed("convert", "-n", path("a.img"), path("b.img"));
        byte[] now = Files.readAllBytes(path("b.img"));
        assertArrayEquals(content, Arrays.copyOf(now, content.length), "zeros too");
        assertArrayEquals(Arrays.copyOfRange(old, content.length, old.length),
                Arrays.copyOfRange(now, content.length, now.length));
        succeed("create", "-q", path("small.img"), "1M");
        assertRefused("smaller than the image", "convert", "-n", path("a.img"), path("small.img"));
        assertRefused("no such file", "convert", "-n", path("a.img"), path("missing.img"));
        assertRefused("no effect", "convert", "-n", "-o", "size=1M", path("a.img"), path("b.img"));
    }

    @Test
    void shouldWriteZerosIfTheUserWants() throws IOException {
        byte[] content = writeRaw("a.img");
        succeed("convert", "-S", "0", "-O", "qcow2", path("a.img"), path("full.qcow2"));
        assertTrue(Files.size(path("full.qcow2")) > content.length);
        succeed("convert", "-S", "64k", "-O", "qcow2", path("a.img"), path("sparse.qcow2"));
        assertTrue(Files.size(path("sparse.qcow2")) < content.length);
        succeed("convert", path("sparse.qcow2"), path("b.img"));
        assertArrayEquals(content, Files.readAllBytes(path("b.img")));
        assertRefused("-S must be a multiple of 512", "convert", "-S", "100", path("a.img"), path("c.img"));
    }

    @Test
    void shouldLeaveNoPartOfACopyBehind() throws IOException {
        writeRaw("a.img");
        // A cluster of the source lies past the end of its file, so that reading fails in the middle.
        succeed("convert", "-O", "qcow2", path("a.img"), path("cut.qcow2"));
        try (RandomAccessFile file = new RandomAccessFile(path("cut.qcow2").toFile(), "rw")) {
            file.setLength(file.length() - (1 << 20));
        }
        assertRefused("too short for the cluster", "convert", path("cut.qcow2"), path("new.img"));
        assertFalse(Files.exists(path("new.img")));
        Files.write(path("old.img"), new byte[512]);
        assertRefused("too short for the cluster", "convert", path("cut.qcow2"), path("old.img"));
        assertTrue(Files.exists(path("old.img")), "it was there before");
    }

    @Test
    void shouldCheckAndRepairWithExitCodesOfQemuImg() throws IOException {
        writeRaw("a.img");
        Path image = path("a.qcow2");
        succeed("convert", "-O", "qcow2", path("a.img"), image);
        String clean = succeed("check", image);
        assertTrue(clean.startsWith("No errors were found on the image.\n"), clean);
        long end = Files.size(image) + 65535 >> 16;
        patch(image, (end + 1 << 16) - 2, (short) 0);
        patch(image, 2 * 65536 + 2 * end, (short) 1);
        Outcome leak = run("check", image);
        assertEquals(3, leak.code);
        assertTrue(leak.out.contains("1 leaked clusters were found on the image."), leak.out);
        assertEquals("Leaked cluster " + end + " refcount=1 reference=0\n", leak.err);
        patch(image, 2 * 65536 + 2 * 9, (short) 0);
        Map<?, ?> json = (Map<?, ?>) StrictJson.parse(run("check", "--output", "json", image).out);
        assertTrue(((Number) json.get("corruptions")).longValue() > 0, json.toString());
        assertEquals(2, run("check", "-q", image).code);

        String repaired = succeed("check", "-r", "all", image);
        assertTrue(repaired.contains("The following inconsistencies were found and repaired:"), repaired);
        assertTrue(repaired.contains("    1 leaked clusters\n"), repaired);
        assertEquals(0, run("check", image).code);
        assertEquals(0, run("check", "-T", "unsafe", image).code);
        assertEquals(63, run("check", path("a.img")).code);
        assertEquals(1, run("check", path("missing.qcow2")).code);
    }

    private static void patch(Path image, long offset, short value) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            file.writeShort(value);
        }
    }

    @Test
    void shouldPrintWhatQemuImgPrints() throws IOException {
        QemuImg.assumePresent();
        writeRaw("a.img");
        Path image = path("a.qcow2");
        for (String options : List.of("compat=0.10", "cluster_size=8k,refcount_bits=8", "lazy_refcounts=on")) {
            QemuImg.img("convert", "-f", "raw", "-O", "qcow2", "-c", "-o", options, path("a.img"), image);
            QemuImg.img("snapshot", "-c", "one", image);
            assertEquals(QemuImg.img("info", image), succeed("info", image));
            assertEquals(QemuImg.img("check", image), succeed("check", image));
            assertEquals(StrictJson.parse(QemuImg.img("info", "--output=json", image)),
                    StrictJson.parse(succeed("info", "--output=json", image)));
            assertEquals(StrictJson.parse(QemuImg.img("check", "--output=json", image)),
                    StrictJson.parse(succeed("check", "--output=json", image)));
            succeed("convert", "-l", "one", image, path("one.img"));
            assertArrayEquals(Files.readAllBytes(path("a.img")), Files.readAllBytes(path("one.img")));
            assertEquals(QemuImg.img("create", "-f", "qcow2", "-o", options, image, "1G"),
                    succeed("create", "-f", "qcow2", "-o", options, image, "1G"));
        }
    }

    @Test
    void shouldWriteSizesAsQemuImgDoes() {
        assertEquals("0 B", SnapshotText.size(0));
        assertEquals("999 B", SnapshotText.size(999));
        assertEquals("0.977 KiB", SnapshotText.size(1000));
        assertEquals("196 KiB", SnapshotText.size(200704));
        assertEquals("192 KiB", SnapshotText.size(197120));
        assertEquals("1.26 MiB", SnapshotText.size(1323008));
        assertEquals("8 EiB", SnapshotText.size(Long.MAX_VALUE));
        assertFalse(SnapshotText.size(1L << 50).isEmpty());
    }

    @Test
    void shouldExplainItself() {
        for (String command : ImgSubcommand.names()) {
            assertTrue(succeed("--help").contains("\n  " + command + " ["), command);
            assertTrue(succeed(command, "--help").startsWith("usage: jkvm img " + command + " ["), command);
        }
        assertTrue(succeed("--help").contains("Formats: luks, qcow, qcow2, raw, "));
        assertTrue(succeed("--version").startsWith("jkvm img, jkvm version "));
        assertTrue(succeed("create", "-f", "qcow2", "-o", "help").contains("cluster_size=<size>"));
        assertRefused("needs a command", new Object[0]);
    }
}
