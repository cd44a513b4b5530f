package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -trace step} on guests of known instructions: the text is compared as a whole. */
@OnEachKvm
@Timeout(60)
class StepTraceTest {
    private static final String IMAGES = "src/test/resources/jkvm/step";
    private static final int GUEST_EXIT = 1;

    @TempDir
    private Path folder;
    private final String accelerator;

    StepTraceTest(Accelerator kvm) {
        accelerator = kvm.kind().text();
    }

    @TestFactory
    Stream<DynamicTest> shouldBeWhatTheirSourcesMake() {
        return GuestImages.check("device-model", "src/test/guest/step", IMAGES);
    }

    private static Path image(String name) {
        return GuestImages.folder("device-model", IMAGES).resolve(name);
    }

    /** The text on standard error. */
    private String trace(String kvm, String guest, String... options) {
        List<String> words = new ArrayList<>(List.of("-accel", kvm, "-m", "2", "-nodefaults", "-display", "none",
                "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                "-device", "loader,addr=0x7c00,cpu-num=0,file=" + image(guest + ".bin")));
        words.addAll(List.of(options));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(words, new PrintStream(OutputStream.nullOutputStream()), new PrintStream(err, true));
        String text = err.toString(StandardCharsets.UTF_8);
        assertEquals(GUEST_EXIT, status, text);
        return text;
    }

    /** Without the OUT that ends the guest: whether its step is still told depends on the KVM. */
    private static String untilItsEnd(String text) {
        return text.replaceFirst("[^\\n]* out    0xf4,eax\\n$", "");
    }

    @Test
    void shouldTellEachInstructionWithItsEffectsInAllModes() throws Exception {
        String text = trace(accelerator, "modes", "-trace", "step");

        assertEquals(Files.readString(image("modes.txt")), untilItsEnd(text));
    }

    @Test
    void shouldTellInterruptsAndExceptionsOnTheKvmInJava() throws Exception {
        String text = trace("soft", "interrupts", "-trace", "step");

        assertEquals(Files.readString(image("interrupts.txt")), untilItsEnd(text));
    }

    @Test
    void shouldTellTheInstructionsThatAreAskedForIntoTheLog() throws Exception {
        Path log = folder.resolve("log");

        String messages = trace(accelerator, "modes", "-D", log.toString(), "-trace", "step=7..8", "-trace",
                "step=10..11,style=att", "-trace", "step=0x7c00-0x7c0e", "-trace", "step=0x7c16-0x7c16");

        assertEquals("", messages);
        List<String> lines = Files.readAllLines(log);
        assertEquals(List.of("   0       7  00007c0c          bb 34 12                 mov    $0x1234,%bx",
                "                                ebx 0x0 -> 0x1234",
                "   0      10  00007c16          53                       push   %bx",
                "                                esp 0x7c00 -> 0x7bfe  memory 0x7bfe = 34 12"),
                lines.subList(3, lines.size()));
        assertTrue(lines.getFirst().startsWith("# One line for each instruction"), lines.getFirst());
    }
}
