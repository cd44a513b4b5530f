package jkvm.examples;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.vm.Vcpu;

/**
 * Lesson 16: the dirty log. To move a running guest to another machine, its memory is copied while it runs, and then
 * once more the pages that it has written meanwhile. KVM keeps the list: a bit for each page of a slot. The guest
 * (dirty.S) writes to some pages, halts, and writes to others.
 */
public final class Lesson16DirtyLog {
    private static final int SLOT = 0;
    private static final int PAGE_SIZE = 4096;
    private static final int PAGES = (int) (LessonVm.MEMORY_SIZE / PAGE_SIZE);

    private Lesson16DirtyLog() {
    }

    public static void main(String[] args) {
        try (LessonVm machine = new LessonVm(args, "dirty")) {
            // The same slot as before, with a flag: from here on its pages are watched.
            machine.vm().setMemoryRegion(SLOT, KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES, 0, LessonVm.MEMORY_SIZE,
                    machine.memory().regions().getFirst().hostAddress());
            Vcpu vcpu = machine.realMode();
            for (int round = 1; round <= 2; round++) {
                int reason = vcpu.run();
                if (reason != KvmExit.HLT) {
                    throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
                }
                System.out.println("round " + round + ": pages" + dirtyPages(machine));
            }
        }
    }

    /** Takes the log, which begins anew with that. */
    private static String dirtyPages(LessonVm machine) {
        long bits = machine.vm().dirtyLog().get(SLOT, PAGES)[0];
        StringBuilder pages = new StringBuilder();
        for (int page = 0; page < PAGES; page++) {
            if ((bits >>> page & 1) != 0) {
                pages.append(' ').append(page);
            }
        }
        return pages.toString();
    }
}
