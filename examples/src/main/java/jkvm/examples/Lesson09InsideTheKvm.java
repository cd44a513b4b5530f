package jkvm.examples;

import jkvm.app.harness.Harness;
import jkvm.app.harness.HarnessCallbacks;
import jkvm.soft.Accelerators;
import jkvm.soft.observe.SoftObserver;

/**
 * Lesson 9: what a processor does between two exits. No KVM shows when it walks page tables, what its TLB remembers,
 * how an exception finds its handler; the one in Java can be watched. The guest (inside.S) touches pages and raises
 * exceptions; an observer prints what that makes the processor do.
 */
public final class Lesson09InsideTheKvm {
    private Lesson09InsideTheKvm() {
    }

    /** Prints what the processor does, indented below what the guest does. */
    private static final class Printer implements SoftObserver {
        @Override
        public void pageWalked(long linear, Access access, int levels, long physical) {
            System.out.printf("    walks %d level%s of page tables to %s %x: it is at %x%n", levels,
                    levels == 1 ? "" : "s", verb(access), linear, physical);
        }

        @Override
        public void pageFaulted(long linear, Access access, int error) {
            System.out.printf("    walks to %s %x and finds no page: page fault, error code %x%n", verb(access), linear,
                    error);
        }

        @Override
        public void tlbFilled(long linear, Access access, long physical) {
            System.out.printf("    remembers that page %x may be accessed to %s%n", linear >>> 12, verb(access));
        }

        @Override
        public void tlbFlushed() {
            System.out.println("    forgets the translations");
        }

        @Override
        public void delivered(int vector, long returns, long handler) {
            System.out.printf("    goes to %x, the handler of vector %d, which is to return to %x%n", handler, vector,
                    returns);
        }

        private static String verb(Access access) {
            return switch (access) {
                case READ -> "read";
                case WRITE -> "write";
                case FETCH -> "execute";
            };
        }
    }

    private static String title(int letter) {
        return switch (letter) {
            case 'p' -> "The guest turns paging on:";
            case 'r' -> "It reads from a page:";
            case 'a' -> "It reads from that page again, which the TLB remembers:";
            case 'w' -> "It writes to that page for the first time, so its table entry has to be marked dirty:";
            case 'i' -> "It has the translation forgotten (INVLPG) and reads once more:";
            case 'f' -> "It reads from a page that is not mapped; its handler maps it:";
            case 'n' -> "It raises interrupt 0x20 itself:";
            default -> "That was all.";
        };
    }

    public static void main(String[] args) {
        // Only the KVM in Java has an inside to look at. Each vCPU gets an observer of its own; ours has one vCPU.
        Printer printer = new Printer();
        HarnessCallbacks titles = new HarnessCallbacks() {
            @Override
            public void outb(int port, int value) {
                System.out.println(title(value));
            }
        };
        System.out.println("The host sets the vCPU's control registers; what they translated before counts no more:");
        try (Harness harness = Harness.create(Accelerators.openSoft(vcpu -> printer).syscalls(), titles)) {
            harness.loadPayload(GuestImage.read("inside"));
            harness.enterProtectedMode();
            System.out.println("The guest prepares its tables; linear addresses are physical ones as yet:");
            System.out.print(harness.run().report()); // empty if the guest has halted
        }
    }
}
