package jkvm.examples;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.app.harness.Harness;
import jkvm.app.harness.SerialConsole;

/**
 * Lesson 5: CPUID. The instruction tells a guest which processor it has. KVM answers it without the host, from a table
 * that the host has set before: so a guest sees the features that it shall see, and the same ones after a move to
 * another machine. The guest (cpuid.S) prints the vendor, and whether there is a hypervisor.
 */
public final class Lesson05Cpuid {
    private static final String VENDOR = "JavaJavaJava"; // twelve letters
    private static final int HYPERVISOR_BIT = 1 << 31;

    private Lesson05Cpuid() {
    }

    /** Hears of each leaf of the table while the harness makes it from what this KVM supports. */
    private static final class Table extends SerialConsole {
        Table() {
            super(System.out);
        }

        @Override
        public boolean cpuid(KvmCpuidEntry2 leaf) {
            switch (leaf.function()) {
                case 0 -> {
                    ByteBuffer letters = ByteBuffer.wrap(VENDOR.getBytes(StandardCharsets.US_ASCII))
                            .order(ByteOrder.LITTLE_ENDIAN);
                    leaf.ebx(letters.getInt(0));
                    leaf.edx(letters.getInt(4));
                    leaf.ecx(letters.getInt(8));
                }
                case 1 -> leaf.ecx(leaf.ecx() | HYPERVISOR_BIT);
                default -> {
                    // As KVM supports it.
                }
            }
            return true; // false would leave the leaf out
        }
    }

    public static void main(String[] args) {
        try (Harness harness = Harness.create(LessonAccelerator.open(args).syscalls(), new Table())) {
            harness.loadPayload(GuestImage.read("cpuid"));
            harness.enterProtectedMode();
            System.out.print(harness.run().report()); // empty if the guest has halted
        }
    }
}
