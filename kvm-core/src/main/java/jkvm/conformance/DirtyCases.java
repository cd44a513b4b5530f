package jkvm.conformance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmDirtyGfn;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmTranslation;

/** Which pages the dirty log and the dirty ring name beyond those that the guest writes. */
final class DirtyCases {
    private static final int PAGE = 4096, LOG = 1, RING_BYTES = 4096, SOFT_LIMIT = 192;
    private static final int ACCESSED = 1 << 5;
    /** mov ax, 0xffff; mov ds, ax: offset 0x10 is the first address of the second slot. */
    private static final String SECOND_SLOT = "b8 ff ff 8e d8 ";

    private DirtyCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(51, "a logged page that is only read", kvm -> {
                    secondSlot(kvm, LOG);
                    kvm.guest(SECOND_SLOT + "a0 10 10 f4").run();
                    return "%x".formatted(MemoryCases.log(kvm, 1)[1]);
                }),
                new ConformanceCase(51, "a logged page that is only executed", kvm -> {
                    MemorySegment pages = secondSlot(kvm, LOG);
                    pages.set(ValueLayout.JAVA_BYTE, PAGE, (byte) 0xF4);
                    String exit = kvm.guest("ea 10 10 ff ff").run();
                    return exit + " %x".formatted(MemoryCases.log(kvm, 1)[1]);
                }),
                new ConformanceCase(51, "a page read before it was logged, read again", kvm -> {
                    MemorySegment pages = secondSlot(kvm, 0);
                    kvm.guest(SECOND_SLOT + "a0 10 10 e6 10 a0 10 10 f4").run();
                    kvm.slot(1, LOG, Subject.MEMORY_SIZE, 2 * PAGE, pages.address());
                    return kvm.run() + " %x".formatted(MemoryCases.log(kvm, 1)[1]);
                }),
                new ConformanceCase(51, "logged page tables that the processor walks, and walks again",
                        DirtyCases::walkedTables),
                new ConformanceCase(52, "KVM_TRANSLATE by page tables: accessed bit, log", DirtyCases::translated),
                new ConformanceCase(54, "a dirty ring of 256 entries: exit, again, 192 used, all collected, exit",
                        DirtyCases::fullRing));
    }

    private static MemorySegment secondSlot(Subject kvm, int flags) {
        MemorySegment pages = kvm.allocate(2 * PAGE);
        kvm.slot(1, flags, Subject.MEMORY_SIZE, 2 * PAGE, pages.address());
        return pages;
    }

    private static void logMemory(Subject kvm) {
        kvm.slot(0, LOG, 0, Subject.MEMORY_SIZE, kvm.memory().address());
    }

    /** Only the tables' pages: whether the code's are logged depends on how KVM maps them. */
    private static long loggedTables(Subject kvm) {
        return MemoryCases.log(kvm, 0)[1] >>> LongMode.TABLES / PAGE & 7;
    }

    private static String walkedTables(Subject kvm) {
        // mov rax, cr3; mov cr3, rax: the second walk begins with an empty TLB
        LongMode.guest(kvm, "90 e6 10 0f 20 d8 0f 22 d8 e6 10 f4");
        logMemory(kvm);
        String exit = kvm.run();
        long first = loggedTables(kvm);
        return exit + " %x ".formatted(first) + kvm.run() + " %x".formatted(loggedTables(kvm));
    }

    private static String translated(Subject kvm) {
        LongMode.guest(kvm, "f4");
        logMemory(kvm);
        KvmTranslation translation = new KvmTranslation();
        translation.linearAddress(Subject.CODE);
        kvm.vcpu(0, KvmIoctl.TRANSLATE, translation);
        boolean accessed = (kvm.memory().get(ValueLayout.JAVA_LONG, LongMode.TABLES) & ACCESSED) != 0;
        return "%x %b %x".formatted(translation.physicalAddress(), accessed, loggedTables(kvm));
    }

    private static String fullRing(Subject kvm) {
        kvm.enable(KvmCap.DIRTY_LOG_RING.number(), 0, RING_BYTES);
        // 1: xor bx, bx; 2: mov ds, bx; mov [bx], al; add bx, 0x100; cmp bx, 0xf000; jb 2b; jmp 1b
        kvm.guest("31 db 8e db 88 07 81 c3 00 01 81 fb 00 f0 72 f2 eb ee");
        logMemory(kvm);
        MemorySegment ring = kvm.shared(0, KvmDirtyGfn.RING_PAGE * PAGE, RING_BYTES);
        String exits = kvm.run() + " " + kvm.run();
        int used = 0;
        for (long entry = 0; entry < RING_BYTES; entry += KvmDirtyGfn.SIZE) {
            if (ring.get(ValueLayout.JAVA_INT, entry + KvmDirtyGfn.FLAGS_OFFSET) == KvmDirtyGfn.DIRTY) {
                ring.set(ValueLayout.JAVA_INT, entry + KvmDirtyGfn.FLAGS_OFFSET, KvmDirtyGfn.RESET);
                used++;
            }
        }
        boolean collected = kvm.vm(KvmIoctl.RESET_DIRTY_RINGS, 0) == used;
        return exits + " %b %b ".formatted(used >= SOFT_LIMIT, collected) + kvm.run();
    }
}
