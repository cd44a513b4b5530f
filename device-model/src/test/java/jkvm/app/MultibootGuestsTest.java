package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.guest.InstalledTools;
import jkvm.vm.RequiresKvm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guests written for QEMU's pc, each with the end of its QEMU command line, the exit code and the file of the output
 * that QEMU 7.2 gives for it. QEMU itself is asked where it is installed, so that the table stays true.
 */
class MultibootGuestsTest {
    private static final String IMAGES = "src/test/resources/jkvm/multiboot";
    private static final Path FOLDER = GuestImages.folder("device-model", IMAGES);
    private static final String QEMU = "qemu-system-x86_64";
    private static final List<String> COMMON = List.of("-nodefaults", "-vnc", "none", "-m", "64", "-no-reboot",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4");
    private static final long TIMEOUT_SECONDS = 60;

    /** @param arguments words of the command line; {@code @} stands for the folder of the images */
    record Guest(String image, int exitCode, List<String> arguments) {
        Guest(String image, int exitCode, String... arguments) {
            this(image, exitCode, List.of(arguments));
        }

        List<String> commandLine(String accelerator) {
            List<String> words = new ArrayList<>(List.of("-machine", "pc,accel=" + accelerator));
            words.addAll(COMMON);
            words.addAll(List.of("-kernel", FOLDER.resolve(image + ".bin").toString()));
            arguments.forEach(word -> words.add(word.replace("@", FOLDER.toString())));
            if (!arguments.contains("-debugcon")) {
                words.addAll(List.of("-serial", "stdio"));
            }
            return words;
        }

        String expectedOutput() throws IOException {
            return Files.readString(FOLDER.resolve(image + ".txt"));
        }

        /**
         * Runs it to its end and compares.
         *
         * @param program    what takes QEMU's options
         * @param accelerator as {@code -machine accel=} names it
         */
        void check(List<String> program, String accelerator, Path temporary) throws Exception {
            List<String> command = new ArrayList<>(program);
            command.addAll(commandLine(accelerator));
            Path output = temporary.resolve("output");
            Path errors = temporary.resolve("errors");
            Process process = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
            try {
                assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS),
                        "still running: " + Files.readString(output) + Files.readString(errors));
            } finally {
                process.destroyForcibly();
            }
            String messages = String.join(" ", command) + "\n" + Files.readString(errors);
            assertEquals(expectedOutput(), Files.readString(output, StandardCharsets.ISO_8859_1), messages);
            assertEquals(exitCode(), process.exitValue(), messages);
        }

        @Override
        public String toString() {
            return image + " " + String.join(" ", arguments);
        }
    }

    @TempDir
    Path temporary;

    static Stream<Guest> guests() {
        return Stream.of(
                new Guest("serial", 1),
                new Guest("debug-exit", 71),
                new Guest("debugcon", 1, "-debugcon", "stdio"),
                new Guest("testdev", 1, "-device", "pc-testdev"),
                new Guest("fwcfg", 1, "-smp", "2"),
                new Guest("pit", 1),
                new Guest("rtc", 1),
                new Guest("pic", 1, "-device", "pc-testdev"),
                new Guest("ioapic", 1, "-device", "pc-testdev"),
                new Guest("lapic", 1),
                new Guest("smp", 1, "-smp", "2"),
                new Guest("i8042", 1),
                new Guest("pci", 1, "-device", "pci-testdev,addr=5"),
                new Guest("virtio-rng", 1, "-device", "virtio-rng-pci,addr=5,disable-legacy=on"),
                new Guest("virtio-legacy", 1, "-device", "virtio-rng-pci,addr=5"),
                new Guest("vga", 1, "-vga", "std"),
                new Guest("power-on", 1),
                new Guest("multiboot", 1, "-append", "one two", "-initrd", "@/first.module a b,@/second.module c"),
                new Guest("poweroff", 0),
                new Guest("reset", 0, "-append", "c"),
                new Guest("reset", 0, "-append", "k"),
                new Guest("reset", 0, "-append", "p"),
                new Guest("reset", 0, "-append", "t"));
    }

    @TestFactory
    Stream<DynamicTest> shouldBeWhatTheirSourcesMake() {
        return GuestImages.check("device-model", "src/test/guest/multiboot", IMAGES);
    }

    @ParameterizedTest
    @MethodSource("guests")
    void shouldEndOnQemuAsTheTableSays(Guest guest) throws Exception {
        assumeQemu();
        guest.check(List.of(QEMU), "tcg", temporary);
    }

    /** In the slow tier: QEMU's firmware takes seconds on a KVM that emulates instructions. */
    @ParameterizedTest
    @MethodSource("guests")
    @RequiresKvm("it is QEMU that runs")
    @Tag("lab")
    void shouldEndOnQemuWithKvmAsTheTableSays(Guest guest) throws Exception {
        assumeQemu();
        guest.check(List.of(QEMU), "kvm", temporary);
    }

    private static void assumeQemu() {
        assumeTrue(InstalledTools.has(QEMU), QEMU + " is not installed");
    }
}
