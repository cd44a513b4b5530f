package jkvm.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Service;
import jkvm.control.guest.Guest;

/**
 * Lesson 26: a BIOS service of your own. The handlers of the BIOS trap to Java: a table says which class answers an
 * interrupt and a function of it. Here another class prints the letters of INT 10h. The disk is that of lesson 25.
 */
public final class Lesson26BiosService {
    private static final int VIDEO = 0x10;
    private static final int TELETYPE = 0x0E;
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private Lesson26BiosService() {
    }

    /** INT 10h, AH=0Eh: prints the letter in AL, here on the host's terminal. */
    private static final class Typewriter implements Service {
        private int letters;

        @Override
        public Outcome call(Call call) {
            char letter = (char) call.al();
            if (letter != '\r') {
                System.out.print(letter);
            }
            letters++;
            return Outcome.DONE;
        }
    }

    public static void main(String[] args) throws IOException {
        Typewriter typewriter = new Typewriter();
        Path disk = Files.createTempFile("lesson", ".img");
        try {
            Files.write(disk, Lesson25BootSector.content());
            try (Guest guest = Guest.builder(Lesson25BootSector.machine(disk)).accelerator(LessonAccelerator.open(args))
                    .biosServices(table -> table.with(VIDEO, TELETYPE, typewriter)).build()) {
                guest.start().type("x");
                guest.awaitEnd(PATIENCE);
            }
            System.out.println(typewriter.letters + " letters");
        } finally {
            Files.delete(disk);
        }
    }
}
