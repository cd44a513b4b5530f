package jkvm.soft.cpu;

import java.lang.management.ManagementFactory;

/** Measures a port write that exits: nanoseconds and bytes allocated. */
final class PortSpeed {
    private PortSpeed() {
    }

    public static void main(String[] args) {
        try (SoftMachine machine = new SoftMachine(4)) {
            machine.long64();
            machine.quiet = true;
            machine.portsExit = true;
            machine.code(0x10000, 0xE6, 0x80, 0xEB, 0xFC);
            var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            for (int round = 0; round < 15; round++) {
                long bytes = thread.getCurrentThreadAllocatedBytes();
                long time = thread.getCurrentThreadCpuTime();
                long before = machine.portWrites;
                for (int i = 0; i < 1_000_000; i++) {
                    machine.processor.run();
                }
                long writes = machine.portWrites - before;
                System.out.printf("%d writes, %.1f ns each, %d bytes%n", writes, (thread.getCurrentThreadCpuTime() - time) / (double) writes,
                        thread.getCurrentThreadAllocatedBytes() - bytes);
            }
        }
    }
}
