package jkvm.examples;

import java.nio.charset.StandardCharsets;
import jkvm.app.harness.Harness;
import jkvm.app.harness.HarnessResult;
import jkvm.app.harness.SerialConsole;

/**
 * Lesson 4: long mode and paging. The guest (long-mode.S) starts in 32-bit protected mode, builds page tables and
 * switches to 64 bits. Its tables map the virtual address 1 GiB to the physical address 2 MiB. The host writes a text
 * to physical memory, and the guest reads it where its page tables say it is. KVM adds a second translation below: from
 * guest physical addresses to this process's memory; the guest cannot see that one.
 */
public final class Lesson04LongMode {
    private static final long TEXT_PHYSICAL = 0x200000;
    private static final long TEXT_VIRTUAL = 0x40000000;

    private Lesson04LongMode() {
    }

    public static void main(String[] args) {
        SerialConsole console = new SerialConsole(System.out);
        try (Harness harness = Harness.create(LessonAccelerator.open(args).syscalls(), console)) {
            harness.loadPayload(GuestImage.read("long-mode"));
            harness.enterProtectedMode();

            String text = "this text lies at physical 0x%x; the guest reads it at virtual 0x%x\n\0"
                    .formatted(TEXT_PHYSICAL, TEXT_VIRTUAL);
            harness.memory().write(TEXT_PHYSICAL, text.getBytes(StandardCharsets.US_ASCII));

            HarnessResult result = harness.run();
            if (!result.isHalted()) {
                System.out.print(result.report());
                return;
            }

            // 64-bit names and values; CS64; in CR0 PG and PE, in CR4 PAE, in EFER LME (bit 8) and LMA (bit 10).
            System.out.print(harness.registers());

            // KVM walks the guest's tables on request, as the processor did.
            System.out.printf("KVM says: virtual 0x%x is physical 0x%x%n", TEXT_VIRTUAL,
                    harness.vcpu().translate(TEXT_VIRTUAL).physicalAddress());
        }
    }
}
