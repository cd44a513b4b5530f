package jkvm.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import jkvm.control.guest.Guest;

/**
 * Lesson 26: a BIOS service of your own. The handlers of the BIOS trap to Java: a table says which class answers an
 * interrupt. Here one class, {@link PaperScreen}, replaces all of INT 10h. The guest (screen-calls.S) is a boot sector
 * that draws by that interrupt, on the machine of lesson 25.
 */
public final class Lesson26BiosService {
    private static final int VIDEO = 0x10;
    private static final int SECTOR = 512;
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private Lesson26BiosService() {
    }

    public static void main(String[] args) throws IOException {
        PaperScreen screen = new PaperScreen();
        Path disk = Files.createTempFile("lesson", ".img");
        try {
            Files.write(disk, Arrays.copyOf(GuestImage.read("screen-calls"), 2 * SECTOR));
            try (Guest guest = Guest.builder(Lesson25BootSector.machine(disk)).accelerator(LessonAccelerator.open(args))
                    .biosServices(table -> table.replace(VIDEO, screen)).build()) {
                guest.start().type("x");
                guest.awaitEnd(PATIENCE);
            }
            screen.print();
        } finally {
            Files.delete(disk);
        }
    }
}
