package jkvm.examples;

import java.util.Arrays;
import jkvm.abi.KvmExit;
import jkvm.vm.Vcpu;

/**
 * Lesson 17: measure exits. An exit is the most expensive thing that a guest does often, so count them and their time
 * before you change a device. The guest (exits.S) writes 500 times to a port, then 500 times to an address without
 * memory. One measurement says little: print the median, which a few slow ones do not move.
 */
public final class Lesson17MeasureExits {
    private static final int EXITS = 500;

    private Lesson17MeasureExits() {
    }

    public static void main(String[] args) {
        long[] ports = new long[EXITS];
        long[] addresses = new long[EXITS];
        int portExits = 0;
        int addressExits = 0;
        try (LessonVm machine = new LessonVm(args, "exits")) {
            Vcpu vcpu = machine.realMode();
            while (true) {
                // From the entry into the guest to the exit: a few instructions of the guest, and two switches.
                long start = System.nanoTime();
                int reason = vcpu.run();
                long time = System.nanoTime() - start;
                if (reason == KvmExit.IO) {
                    ports[portExits++] = time;
                } else if (reason == KvmExit.MMIO) {
                    addresses[addressExits++] = time;
                } else {
                    break;
                }
            }
        }
        // MMIO takes longer on real hardware: KVM has to find and decode the instruction.
        print("port write", Arrays.copyOf(ports, portExits));
        print("MMIO write", Arrays.copyOf(addresses, addressExits));
    }

    private static void print(String name, long... times) {
        Arrays.sort(times);
        System.out.printf("%s: %d exits, median %d ns%n", name, times.length, times[times.length / 2]);
    }
}
