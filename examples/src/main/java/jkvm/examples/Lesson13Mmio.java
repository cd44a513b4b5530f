package jkvm.examples;

import java.nio.charset.StandardCharsets;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.vm.Vcpu;

/**
 * Lesson 13: MMIO. A device's registers may have addresses like memory. Where the host has put no memory, KVM cannot
 * finish an access and asks the host. Here the device is a text screen: the guest (screen.S) writes letters and colours
 * to it, and reads one back.
 */
public final class Lesson13Mmio {
    private static final long SCREEN = 0xB8000;
    private static final int COLUMNS = 80;
    private static final int ROWS = 25;

    private Lesson13Mmio() {
    }

    public static void main(String[] args) {
        byte[] screen = new byte[2 * COLUMNS * ROWS]; // a letter, its colours, the next letter
        int writes = 0;
        // The guest's memory ends at 64 KiB. All above it is for the host to answer.
        try (LessonVm machine = new LessonVm(args, "screen")) {
            Vcpu vcpu = machine.realMode();
            KvmRun exit = vcpu.kvmRun();
            for (int reason = vcpu.run(); reason != KvmExit.HLT; reason = vcpu.run()) {
                if (reason == KvmExit.IO) {
                    System.out.printf("the guest reads back '%c'%n", (char) LessonVm.written(exit));
                } else if (reason == KvmExit.MMIO && exit.isMmioWrite()) {
                    store(exit, screen);
                    writes++;
                } else if (reason == KvmExit.MMIO) {
                    // A read: the answer goes where KVM takes it from when the guest is entered again.
                    long letter = screen[(int) (exit.mmioAddress() - SCREEN)];
                    exit.data(KvmRun.MMIO_DATA_OFFSET, exit.mmioSize(), letter);
                } else {
                    throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
                }
            }
        }
        byte[] letters = new byte[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            letters[i] = screen[2 * i];
        }
        System.out.println("screen: " + new String(letters, StandardCharsets.US_ASCII).trim());
        System.out.println(writes + " writes came to the host");
    }

    /** Bytes of a value are in memory from the lowest on. */
    private static void store(KvmRun exit, byte[] screen) {
        long value = exit.data(KvmRun.MMIO_DATA_OFFSET, exit.mmioSize());
        for (int i = 0; i < exit.mmioSize(); i++) {
            screen[(int) (exit.mmioAddress() - SCREEN) + i] = (byte) (value >>> 8 * i);
        }
    }
}
