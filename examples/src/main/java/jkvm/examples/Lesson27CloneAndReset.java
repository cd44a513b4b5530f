package jkvm.examples;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import jkvm.control.guest.Guest;
import jkvm.control.guest.GuestTemplate;
import jkvm.machine.ResetPoint;
import jkvm.machine.config.MachineConfig;

/**
 * Lesson 27: save, clone, reset. A machine is data: its registers, its devices, its memory. So it can be saved at a
 * moment, go on from there many times, and be taken back. The guest (visits.S) counts keys in its memory.
 */
public final class Lesson27CloneAndReset {
    private static final int START = 0x1000;
    private static final int CLONES = 3;
    private static final int ROUNDS = 2;

    private Lesson27CloneAndReset() {
    }

    public static void main(String[] args) throws IOException {
        MachineConfig config = MachineConfig.builder().memory(1 << 20).console()
                .image(GuestImage.file("visits"), START).build();
        try (Guest guest = Guest.builder(config).accelerator(LessonAccelerator.open(args)).build()) {
            guest.start().awaitOutput("ready");
            press(guest, "a");

            // Saved, and gone on with three times. The clones share the memory that none of them writes to.
            List<Guest> clones;
            try (GuestTemplate template = GuestTemplate.of(guest)) {
                clones = template.start(CLONES);
            }
            for (int i = 0; i < CLONES; i++) {
                System.out.print("clone " + (i + 1) + ": ");
                press(clones.get(i), "b".repeat(i + 1));
            }
            clones.forEach(Guest::close);

            // Taken back: only the pages and devices that have changed since are put back.
            ResetPoint point = guest.machine().mark().join();
            for (int i = 0; i < ROUNDS; i++) {
                press(guest, "c");
                point.restore().join();
                System.out.println("back at the point: " + point.lastPages() + " pages put back");
            }
        }
    }

    /** Presses keys, one by one, and prints what the guest says to the last one. */
    private static void press(Guest guest, String keys) {
        String said = "";
        for (String key : keys.split("")) {
            guest.type(key);
            said = guest.awaitOutput(Pattern.compile("key (. is number .)\n")).group(1);
        }
        System.out.println(said);
    }
}
