package jkvm.examples;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jkvm.abi.KvmRegs;
import jkvm.app.harness.Harness;
import jkvm.app.harness.SerialConsole;
import jkvm.memory.GuestMemory;

/**
 * Lesson 24: boot Linux by hand. A bzImage is a setup part, with a header that tells about it, and the kernel. A boot
 * loader puts the kernel to 1 MiB, fills in a page of parameters, and jumps. The lesson's argument is the path of a
 * kernel. The run ends after a few lines: a machine for all of Linux is what the rest of jkvm is.
 */
public final class Lesson24Linux {
    private static final int HEADER = 0x1F1; // in the file and in the page of parameters, at the same offset
    private static final int MAGIC = 0x53726448; // HdrS
    private static final long PARAMETERS = 0x10000;
    private static final long COMMAND_LINE = 0x20000;
    private static final String WORDS = "earlyprintk=ttyS0 console=ttyS0";
    private static final int LINES = 4;

    private Lesson24Linux() {
    }

    /** Prints some lines, then stops the guest. */
    private static final class Lines extends OutputStream {
        private Harness harness;
        private int lines;

        @Override
        public void write(int letter) {
            if (lines < LINES) {
                System.out.print((char) letter);
                lines += letter == '\n' ? 1 : 0;
            } else {
                harness.stop();
            }
        }
    }

    public static void main(String[] args) throws IOException {
        // Without a path: a little kernel in the same format (little-linux.S), which prints what it is told.
        byte[] image = args.length < 2 ? GuestImage.read("little-linux") : Files.readAllBytes(Path.of(args[1]));
        ByteBuffer header = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        if (image.length < 0x400 || header.getInt(0x202) != MAGIC) {
            throw new IOException(args[1] + " is no bzImage");
        }
        int setupSectors = image[HEADER] == 0 ? 4 : image[HEADER];
        System.out.printf("boot protocol %d.%02d, %d sectors of setup%n", image[0x207], image[0x206], setupSectors);

        Lines lines = new Lines();
        try (Harness harness = Harness.create(LessonAccelerator.open(args).syscalls(), new SerialConsole(lines))) {
            lines.harness = harness;
            harness.loadPayload(Arrays.copyOfRange(image, (setupSectors + 1) * 512, image.length)); // to 1 MiB
            fillIn(harness.memory(), image);
            harness.enterProtectedMode(); // the kernel's first instruction is the payload's
            KvmRegs registers = harness.vcpu().regs();
            registers.rsi(PARAMETERS); // where it looks for them
            harness.vcpu().regs(registers);
            System.out.print(harness.run().report());
        }
    }

    private static void fillIn(GuestMemory memory, byte... image) {
        memory.write(PARAMETERS + HEADER, image, HEADER, 0x202 + image[0x201] - HEADER);
        memory.writeByte(PARAMETERS + 0x210, (byte) 0xFF); // a boot loader without a number
        memory.writeInt(PARAMETERS + 0x228, (int) COMMAND_LINE);
        memory.write(COMMAND_LINE, (WORDS + "\0").getBytes(StandardCharsets.US_ASCII));
        // Which memory there is: below 640 KiB, and from 1 MiB on. Each entry: start, length, kind (1: RAM).
        long[] entries = {0, 0xA0000, Harness.PAYLOAD_ADDRESS, Harness.MEMORY_SIZE - Harness.PAYLOAD_ADDRESS};
        memory.writeByte(PARAMETERS + 0x1E8, (byte) (entries.length / 2));
        for (int i = 0; i < entries.length / 2; i++) {
            long entry = PARAMETERS + 0x2D0 + 20L * i;
            memory.writeLong(entry, entries[2 * i]);
            memory.writeLong(entry + 8, entries[2 * i + 1]);
            memory.writeInt(entry + 16, 1);
        }
    }
}
