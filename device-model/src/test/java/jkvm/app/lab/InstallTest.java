package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jkvm.app.Main;
import jkvm.media.Bios;
import jkvm.media.LongTier;
import jkvm.media.MediaFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A system is installed from a disc onto a new disk, which then boots alone: README's first guest, from end to end. */
@BootsGuests
class InstallTest {
    private static final Duration MENU = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    @BeforeEach
    void requireLong() {
        LongTier.require();
    }

    private SoftTerminal jkvm(Bios bios, String... words) throws Exception {
        List<String> line = new ArrayList<>(List.of(words));
        line.addAll(bios.words());
        line.add("-nographic");
        return new SoftTerminal(line);
    }

    @ParameterizedTest
    @EnumSource
    void shouldInstallASystemThatBootsAloneAlsoWithoutAcpi(Bios bios) throws Exception {
        String disc = InstallationDisc.make(new MediaFolder(folder)).toString();
        String disk = folder.resolve("vm-disk.img").toString();
        PrintStream messages = System.err;
        assertEquals(0, Main.run(List.of("img", "create", "-q", "-f", "raw", disk, "128M"), messages, messages));
        try (SoftTerminal terminal = jkvm(bios, "-m", "384", "-cdrom", disc, "-hda", disk, "-boot", "d")) {
            terminal.expect(InstallationDisc.INSTALL, MENU);
            terminal.send("\r");
            terminal.expect(InstallationDisc.INSTALLED, PATIENCE);
            assertEquals(0, terminal.exitStatus(PATIENCE));
        }
        Files.delete(Path.of(disc));

        for (String acpi : List.of("", "-no-acpi")) {
            List<String> words = new ArrayList<>(List.of("-m", "384", "-hda", disk));
            if (!acpi.isEmpty()) {
                words.add(acpi);
            }
            try (SoftTerminal terminal = jkvm(bios, words.toArray(String[]::new))) {
                terminal.expect(InstallationDisc.SYSTEM, MENU);
                terminal.send("\r");
                terminal.expect("Linux runs from /dev/sda1 / ext4", PATIENCE);
                terminal.expect("installed# ", MENU);
                terminal.send("echo $((6 * 7)) > /answer; sync; cat /answer\r");
                terminal.expect("42", MENU);
                terminal.send(acpi.isEmpty() ? "exit\r" : "\u0001x");
                assertEquals(0, terminal.exitStatus(PATIENCE));
            }
        }
    }
}
