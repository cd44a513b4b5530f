package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.app.Main;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs {@code snapshot} and {@code resize} beside qemu-img, on two images that are alike. */
class ImgEditJudgeTest {
    /** A dollar sign stands for the image. */
    private static final List<String> COMMANDS = List.of("snapshot -l $", "snapshot -c a $", "snapshot -c 1 $",
            "snapshot -c a $", "snapshot -a zz $", "snapshot -d zz $", "snapshot -d a $", "snapshot -d 3 $",
            "snapshot -a 2 $", "snapshot -d 1 $", "snapshot -l -c x $", "snapshot", "resize $", "resize $ 20M",
            "resize $ 10M", "resize --shrink $ 10M", "resize $ +1M", "resize $ -1M", "resize --shrink $ -1M",
            "resize $ 10M", "resize --preallocation=bad $ 31M", "resize --shrink --preallocation=full $ 5M",
            "resize $ 0", "resize -q $ +1G", "resize $ +0", "resize --shrink $ -100G", "resize $ 1000001",
            "resize --shrink -f qcow2 $ 1000001", "snapshot -q -c q $", "resize $ 9G", "snapshot -a q $",
            "snapshot -d q $", "snapshot -d a $");

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsQemuImg() {
        QemuImg.assumePresent();
    }

    static String ours(List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> command = new ArrayList<>(List.of("img"));
        command.addAll(words);
        int code = Main.run(command, new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        return code + ": " + out.toString(StandardCharsets.UTF_8);
    }

    static String theirs(List<String> words) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img"));
        command.addAll(words);
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return process.waitFor() + ": " + out;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static List<String> words(String command, Path image) {
        return List.of(command.replace("$", image.toString()).split(" "));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"compat=1.1", "compat=0.10", "cluster_size=4k,extended_l2=off", "extended_l2=on"})
    void shouldDoAsQemuImg(String options) throws IOException {
        Path theirs = folder.resolve("theirs.qcow2");
        Path ours = folder.resolve("ours.qcow2");
        QemuImg.img("create", "-q", "-f", "qcow2", "-o", options, theirs, "16M");
        QemuImg.io(theirs, "write -P 5 0 1M", "write -P 6 9M 3M", "write -c -P 7 4M 64k");
        Files.copy(theirs, ours);
        int step = 0;
        for (String command : COMMANDS) {
            assertEquals(theirs(words(command, theirs)), ours(words(command, ours)), command);
            QemuImg.assertClean(ours);
            String write = "write -P " + 20 + step + " " + step * 50_000 + " 100000";
            QemuImg.io(theirs, write);
            QemuImg.io(ours, write);
            QemuImg.img("compare", "-f", "qcow2", "-F", "qcow2", theirs, ours);
            step = (step + 1) % 10;
        }
    }
}
