package jkvm.examples;

import jkvm.app.harness.Harness;
import jkvm.app.harness.HarnessResult;
import jkvm.app.harness.SerialConsole;

/**
 * Lesson 3: protected mode. The guest (protected-mode.S) starts as a PC does, in real mode at the reset vector, loads a
 * table of segments and switches itself to 32-bit protected mode. The host has nothing to do for that: a mode is a
 * matter between the guest and the processor. From here on the lessons use the test harness, which is lesson 2's code
 * with a name for everything.
 */
public final class Lesson03ProtectedMode {
    private static final long FIRST_ADDRESS_ABOVE = 0x200000;

    private Lesson03ProtectedMode() {
    }

    public static void main(String[] args) {
        // The console is a set of callbacks: it answers the ports of a serial port and prints what is sent to it.
        SerialConsole console = new SerialConsole(System.out);
        try (Harness harness = Harness.create(LessonAccelerator.open(args).syscalls(), console)) {
            harness.loadBoot(GuestImage.read("protected-mode"));
            harness.enterResetVector();

            // CS is f000 with base 000f0000: in real mode the base is 16 times the selector. CR0 bit 0, PE, is clear.
            System.out.print(harness.registers());

            HarnessResult result = harness.run();
            if (!result.isHalted()) {
                System.out.print(result.report());
                return;
            }

            // CS is now 0008, the second entry of the guest's own table, with base 0 and limit ffffffff. PE is set.
            System.out.print(harness.registers());
            System.out.printf("at 2 MiB the guest wrote 0x%x%n", harness.memory().readInt(FIRST_ADDRESS_ABOVE));
        }
    }
}
