package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.QemuImg;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps persistent bitmaps beside QEMU, which judges them. */
class BitmapJudgeTest {
    /** A dollar sign stands for the image, a percent sign for another one. */
    private static final List<String> COMMANDS = List.of("--add $ c0", "--add -g 4k $ c1", "--add $ c0",
            "--add -g 3k $ c2", "--add -g 256 $ c2", "--add -g 4G $ c2", "--add -g xx $ c2", "-g 4k --clear $ b0",
            "--remove $ none", "--enable $ none", "--enable $ b0", "--disable $ c1", "--merge none $ b0",
            "--merge b1 $ b2", "--merge b2 $ c0", "--merge b0 -b none $ b0", "--merge b0 -F qcow2 $ b0", "--add $",
            "$ b0", "", "--clear $ b1", "--add --remove $ c9", "--add --disable $ c8", "--add --enable --disable $ c8",
            "--clear --remove --add $ c7", "--add -b % $ c7", "--merge b0 -b % -F qcow2 $ c1", "-f raw --add $ c7",
            "--merge b1 -b % $ c0", "--merge none -b % $ b0", "--merge b0 -b $ $ b1", "--remove $ b0",
            "--add --merge c0 $ c6", "--add none b0", "--bad $ b0", "--source-file % --merge b1 $ c6",
            "--granularity 64k --add $ c5", "--remove $ c0", "--remove $ c1", "--remove $ b1", "--remove $ b2",
            "--remove $ c8", "--remove $ c5", "--remove $ c6", "--remove $ c6", "--add $ b0");

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsQemuImg() {
        QemuImg.assumePresent();
    }

    /** An image with two enabled bitmaps, of which one has bits, and a disabled one. */
    private Path image(String options) throws IOException {
        Path image = folder.resolve("a.qcow2");
        QemuImg.img("create", "-q", "-f", "qcow2", "-o", options, image, "300M");
        QemuImg.img("bitmap", "--add", image, "b0");
        QemuImg.io(image, "write -P 5 3M 100k", "write -P 6 250M 2M");
        QemuImg.img("bitmap", "--add", "-g", "512", image, "b1");
        QemuImg.img("bitmap", "--add", "--disable", image, "b2");
        return image;
    }

    private static DiskImage open(Path path) {
        return new DiskImages(new FfmSyscalls()).open(path,
                ImageOptions.WRITABLE.withFormat(ImageFormat.QCOW2).withUnmap(true));
    }

    /** The runs of a bitmap's set bits, as QEMU's NBD server tells them. */
    static String dirty(Path image, String bitmap) throws IOException {
        Path socket = image.resolveSibling("s");
        Process server = new ProcessBuilder("qemu-nbd", "-r", "-f", "qcow2", "-B", bitmap, "-k", socket.toString(),
                image.toString()).inheritIO().start();
        try {
            for (int i = 0; i < 200 && !Files.exists(socket); i++) {
                Thread.sleep(10);
            }
            return QemuImg.img("map", "--output=json", "--image-opts", "driver=nbd,server.type=unix,server.path="
                    + socket + ",x-dirty-bitmap=qemu:dirty-bitmap:" + bitmap).replaceAll("\"offset\": \\d+", "");
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            // It reads only, and one that is asked to end while it ends by itself may stay.
            server.destroyForcibly();
            server.onExit().join();
            Files.deleteIfExists(socket);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cluster_size=64k", "cluster_size=512", "extended_l2=on", "lazy_refcounts=on"})
    void shouldNoteWhatIsWrittenAsQemuDoes(String options) throws IOException {
        Path ours = image(options);
        Path theirs = folder.resolve("theirs.qcow2");
        Files.copy(ours, theirs);
        for (int round = 1; round <= 3; round++) {
            long at = round * 20_000_000L;
            try (DiskImage image = open(ours)) {
                image.write(at & -512, Bytes.allocate(70_144));
                image.writeZeroes(at * 3 & -512, 1 << 20, true);
                image.discard(at * 4 & -65536, 1 << 20);
            }
            QemuImg.io(theirs, "write -P 0 " + (at & -512) + " 70144", "write -z -u " + (at * 3 & -512) + " 1M",
                    "discard " + (at * 4 & -65536) + " 1M");
            QemuImg.assertClean(ours);
            for (String bitmap : new String[] {"b0", "b1", "b2"}) {
                assertEquals(dirty(theirs, bitmap), dirty(ours, bitmap), bitmap + " " + round);
            }
            // Each other's images.
            Path swap = ours;
            ours = theirs;
            theirs = swap;
        }
        assertTrue(dirty(ours, "b1").lines().count() > 5, dirty(ours, "b1"));
    }

    @Test
    void shouldLeaveBitmapsInUseWhereNoOneClosesTheImage() throws IOException {
        Path image = image("cluster_size=64k");
        Path killed = folder.resolve("killed.qcow2");
        try (DiskImage open = open(image)) {
            open.write(0, Bytes.allocate(512));
            open.flush();
            Files.copy(image, killed);
        }
        String text = QemuImg.img("info", "--output=json", killed);
        assertEquals(3, text.split("in-use", -1).length - 1, text);
        try (DiskImage open = open(killed)) {
            open.write(1 << 20, Bytes.allocate(512));
        }
        text = QemuImg.img("info", "--output=json", killed);
        assertEquals(3, text.split("in-use", -1).length - 1, text);
        QemuImg.assertClean(killed);
        assertEquals(0, QemuImg.img("info", "--output=json", image).split("in-use", -1).length - 1);
    }

    @Test
    void shouldListBitmapsAsQemuImgDoes() throws IOException {
        Path image = image("compression_type=zlib");
        for (String output : new String[] {"human", "json"}) {
            String words = "info --output=" + output + " " + image;
            assertEquals("0: " + QemuImg.img((Object[]) words.split(" ")),
                    ImgEditJudgeTest.ours(List.of(words.split(" "))));
        }
    }

    @Test
    void shouldKeepBitmapsWhereAnImageIsCopiedOverAnother() throws IOException {
        Path image = image("cluster_size=64k");
        Path source = folder.resolve("source");
        QemuImg.img("create", "-q", "-f", "raw", source, "300M");
        Path theirs = folder.resolve("theirs.qcow2");
        Files.copy(image, theirs);
        String words = "convert -n -f raw -O qcow2 " + source + " ";
        QemuImg.img((Object[]) (words + theirs).split(" "));
        assertEquals("0: ", ImgEditJudgeTest.ours(List.of((words + image).split(" "))));
        QemuImg.assertClean(image);
        assertEquals(bitmaps(theirs), bitmaps(image));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cluster_size=64k", "compat=0.10"})
    void shouldChangeBitmapsAsQemuImgDoes(String options) throws IOException {
        Path other = folder.resolve("other.qcow2");
        Files.move(image("cluster_size=16k"), other);
        Path theirs = folder.resolve("theirs.qcow2");
        if (options.startsWith("compat")) {
            QemuImg.img("create", "-q", "-f", "qcow2", "-o", options, theirs, "300M");
        } else {
            Files.move(image(options), theirs);
        }
        Path ours = folder.resolve("ours.qcow2");
        Files.copy(theirs, ours);
        for (String command : COMMANDS) {
            String words = ("bitmap " + command).replace("%", other.toString()).strip();
            assertEquals(ImgEditJudgeTest.theirs(List.of(words.replace("$", theirs.toString()).split(" "))),
                    ImgEditJudgeTest.ours(List.of(words.replace("$", ours.toString()).split(" "))), command);
            QemuImg.assertClean(ours);
            assertEquals(bitmaps(theirs), bitmaps(ours), command);
            for (String bitmap : List.of("b2", "c0", "c1", "c6")) {
                if (command.contains("--merge") && bitmaps(ours).contains("\"" + bitmap + "\"")) {
                    QemuImg.img("bitmap", "--disable", theirs, bitmap);
                    QemuImg.img("bitmap", "--disable", ours, bitmap);
                    assertEquals(dirty(theirs, bitmap), dirty(ours, bitmap), command + " " + bitmap);
                }
            }
        }
    }

    private static String bitmaps(Path image) throws IOException {
        String text = QemuImg.img("info", "--output=json", image);
        int start = text.indexOf("\"bitmaps\"");
        return start < 0 ? "" : text.substring(start);
    }

    @Test
    void shouldRefuseBitmapsInUseButRemoveThem() throws IOException {
        Path image = image("cluster_size=64k");
        Path killed = folder.resolve("killed.qcow2");
        try (DiskImage _ = open(image)) {
            Files.copy(image, killed);
        }
        for (String action : List.of("clear", "enable", "disable", "merge b0", "add", "remove")) {
            for (String bitmap : List.of("b0", "b2")) {
                String words = "bitmap --" + action + " " + killed + " " + bitmap;
                assertEquals(action.equals("remove") ? "0: " : "1: ",
                        ImgEditJudgeTest.ours(List.of(words.split(" "))), words);
            }
        }
        QemuImg.assertClean(killed);
        assertEquals(1, bitmaps(killed).split("in-use", -1).length - 1);
    }

    @Test
    void shouldCopyBitmapsAsQemuImgDoes() throws IOException {
        Path broken = folder.resolve("broken.qcow2");
        Path image = image("cluster_size=64k");
        try (DiskImage _ = open(image)) {
            Files.copy(image, broken);
        }
        QemuImg.img("bitmap", "--add", broken, "good");
        QemuImg.img("bitmap", "--disable", image, "b1");
        List<String> commands = List.of("--bitmaps -O qcow2 $ %", "--bitmaps -n -O qcow2 $ %", "--bitmaps -O raw $ %",
                "--skip-broken-bitmaps -O qcow2 $ %", "--bitmaps -f raw -O qcow2 $ %", "--bitmaps -O qcow2 $ $ %",
                "--bitmaps -O qcow2 broken %", "--bitmaps --skip-broken-bitmaps -O qcow2 broken %",
                "--bitmaps -O qcow2 -o compat=0.10 $ %");
        Path theirs = folder.resolve("theirs.qcow2");
        Path ours = folder.resolve("ours.qcow2");
        for (String command : commands) {
            String words = ("convert " + command).replace("$", image.toString()).replace("broken ", broken + " ");
            String expected = ImgEditJudgeTest.theirs(List.of(words.replace("%", theirs.toString()).split(" ")));
            assertEquals(expected, ImgEditJudgeTest.ours(List.of(words.replace("%", ours.toString()).split(" "))),
                    command);
            if (expected.startsWith("0")) {
                QemuImg.assertClean(ours);
                assertEquals(bitmaps(theirs), bitmaps(ours), command);
            }
            if (command.equals(commands.getFirst())) {
                assertEquals(dirty(image, "b1"), dirty(ours, "b1"));
            }
        }
    }
}
