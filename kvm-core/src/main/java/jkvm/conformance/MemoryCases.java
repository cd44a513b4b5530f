package jkvm.conformance;

import static jkvm.conformance.Subject.name;
import static jkvm.conformance.Subject.names;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmClearDirtyLog;
import jkvm.abi.KvmDirtyLog;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmTranslation;

/** Memory slots, the dirty log and the dirty ring. */
final class MemoryCases {
    private static final int PAGE = 4096, LOG = 1, READONLY = 2;

    private MemoryCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(14, "slots: overlap, unaligned gpa, size, host address, unknown flag",
                        MemoryCases::badSlots),
                new ConformanceCase(14, "address spaces 1 and 2", kvm -> {
                    long host = kvm.allocate(PAGE).address();
                    return names(kvm.slot(0, 0, 0, PAGE, host), kvm.slot(1 << 16, 0, 0, PAGE, host),
                            kvm.slot(2 << 16, 0, 0, PAGE, host));
                }),
                new ConformanceCase(15, "slots 32763 and 32764", kvm -> {
                    long host = kvm.allocate(PAGE).address();
                    return names(kvm.slot(32_763, 0, 0, PAGE, host), kvm.slot(32_764, 0, PAGE, PAGE, host));
                }),
                new ConformanceCase(15, "a slot that ends beyond 1 << 52",
                        kvm -> name(kvm.slot(0, 0, 1L << 52, PAGE, kvm.allocate(PAGE).address()))),
                new ConformanceCase(16, "host addresses: none, unmapped, of the kernel's half", kvm -> names(
                        kvm.slot(0, 0, 0, PAGE, 0), kvm.slot(1, 0, PAGE, PAGE, 0x10000),
                        kvm.slot(2, 0, 2 * PAGE, PAGE, 0xFFFF_8000_0000_0000L))),
                new ConformanceCase(17, "a slot deleted: unknown flag, by another gpa, again", kvm -> {
                    long host = kvm.allocate(PAGE).address();
                    kvm.slot(0, 0, 0, PAGE, host);
                    return names(kvm.slot(0, 32, 0, 0, host), kvm.slot(0, 0, 0x7000, 0, host),
                            kvm.slot(0, 0, 0, 0, host));
                }),
                new ConformanceCase(18, "a slot changed: size, host, read-only, moved, logged, the same again",
                        MemoryCases::changedSlots),
                new ConformanceCase(19, "SMM: capability, address spaces, KVM_SMI, rip at the next exit", kvm -> {
                    String extensions = names(kvm.extension(KvmCap.X86_SMM.number()),
                            kvm.extension(KvmCap.MULTI_ADDRESS_SPACE.number()));
                    kvm.guest("f4");
                    String smi = name(kvm.vcpu(0, KvmIoctl.SMI, 0));
                    return extensions + " " + smi + " " + kvm.run() + " %x".formatted(kvm.regs().rip());
                }),
                new ConformanceCase(19, "an SMI with memory for SMM: exits, flags", MemoryCases::systemManagement),
                new ConformanceCase(20, "KVM_RUN without any slot", kvm -> {
                    kvm.createVcpu(0);
                    return kvm.run();
                }),
                new ConformanceCase(20, "KVM_RUN that fetches from nowhere", kvm -> {
                    kvm.slot(0, 0, 0, PAGE, kvm.allocate(PAGE).address());
                    kvm.createVcpu(0);
                    return kvm.run() + " suberror " + kvm.page(0).internalSuberror();
                }),
                new ConformanceCase(22, "RAM in a slot over the local APIC's page", MemoryCases::ramOverApic),
                new ConformanceCase(44, "a read-only slot: read, write", MemoryCases::readOnly),
                new ConformanceCase(50, "a log when switched on, after a write of the guest, read again",
                        MemoryCases::dirtyLog),
                new ConformanceCase(52, "KVM_TRANSLATE without paging", kvm -> {
                    kvm.guest("f4");
                    KvmTranslation translation = new KvmTranslation();
                    translation.linearAddress(0x12345678L);
                    String result = name(kvm.vcpu(0, KvmIoctl.TRANSLATE, translation));
                    return result + " %x valid %b writeable %b usermode %b".formatted(translation.physicalAddress(),
                            translation.isValid(), translation.isWriteable(), translation.isUsermode());
                }),
                new ConformanceCase(53, "KVM_GET_DIRTY_LOG: without log, no slot, number too high",
                        MemoryCases::logErrors),
                new ConformanceCase(53, "KVM_CLEAR_DIRTY_LOG: all, first page 1, 65 pages, past the end",
                        MemoryCases::clearErrors),
                new ConformanceCase(53, "MANUAL_DIRTY_LOG_PROTECT2 with 0, 1, 3, 2, 4", kvm -> {
                    int cap = KvmCap.MANUAL_DIRTY_LOG_PROTECT2.number();
                    return names(kvm.enable(cap, 0, 0), kvm.enable(cap, 0, 1), kvm.enable(cap, 0, 3),
                            kvm.enable(cap, 0, 2), kvm.enable(cap, 0, 4));
                }),
                new ConformanceCase(54, "a dirty ring of 4097 bytes, of 2048, of 1 GiB, of 4096, again", kvm -> {
                    int cap = KvmCap.DIRTY_LOG_RING.number();
                    return names(kvm.enable(cap, 0, 4097), kvm.enable(cap, 0, 2048), kvm.enable(cap, 0, 1 << 30),
                            kvm.enable(cap, 0, 4096), kvm.enable(cap, 0, 4096));
                }));
    }

    private static String badSlots(Subject kvm) {
        long host = kvm.allocate(4 * PAGE).address();
        kvm.slot(0, 0, 0, 2 * PAGE, host);
        return names(kvm.slot(1, 0, PAGE, PAGE, host), kvm.slot(1, 0, 0x8001, PAGE, host),
                kvm.slot(1, 0, 0x8000, 100, host), kvm.slot(1, 0, 0x8000, PAGE, host + 8),
                kvm.slot(1, 32, 0x8000, PAGE, host));
    }

    private static String changedSlots(Subject kvm) {
        long host = kvm.allocate(4 * PAGE).address();
        kvm.slot(0, 0, 0, PAGE, host);
        return names(kvm.slot(0, 0, 0, 2 * PAGE, host), kvm.slot(0, 0, 0, PAGE, host + PAGE),
                kvm.slot(0, READONLY, 0, PAGE, host), kvm.slot(0, 0, 0x4000, PAGE, host),
                kvm.slot(0, LOG, 0x4000, PAGE, host), kvm.slot(0, LOG, 0x4000, PAGE, host));
    }

    /** The handler, at 0x38000 in the second address space: out 0x33, al; rsm. */
    private static String systemManagement(Subject kvm) {
        kvm.guest("90 e6 10 f4");
        MemorySegment smram = kvm.allocate(16 * PAGE);
        smram.set(ValueLayout.JAVA_INT, 0x8000, 0xAA0F_33E6);
        long slot = kvm.slot(1 << 16, 0, 0x30000, 16 * PAGE, smram.address());
        kvm.vcpu(0, KvmIoctl.SMI, 0);
        StringBuilder text = new StringBuilder(name(slot));
        for (int i = 0; i < 2; i++) {
            text.append(' ').append(kvm.run()).append(" %x flags %x".formatted(kvm.page(0).ioPort(),
                    kvm.page(0).flags()));
        }
        return text.toString();
    }

    private static String ramOverApic(Subject kvm) {
        InterruptCases.withChips(kvm);
        MemorySegment page = kvm.allocate(PAGE);
        page.set(ValueLayout.JAVA_INT, 0x30, 0x1234567);
        kvm.slot(1, 0, 0xFEE00000L, PAGE, page.address());
        return ChipCases.loads(kvm, "", "a1 30 00 e0 fe");
    }

    private static String readOnly(Subject kvm) {
        MemorySegment page = kvm.allocate(PAGE);
        page.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x5A);
        kvm.slot(1, READONLY, Subject.MEMORY_SIZE, PAGE, page.address());
        // mov ax, 0xffff; mov ds, ax; mov al, [0x10]; mov [0x10], ah; hlt
        kvm.guest("b8 ff ff 8e d8 a0 10 00 88 26 10 00 f4");
        String exit = kvm.run();
        return exit + " al %x write %b %x memory %x".formatted(kvm.regs().rax() & 0xFF, kvm.page(0).isMmioWrite(),
                kvm.page(0).mmioAddress(), page.get(ValueLayout.JAVA_BYTE, 0));
    }

    /**
     * KVM_GET_DIRTY_LOG of a slot of up to 512 pages.
     *
     * @return the result, and the first 64 pages
     */
    static long[] log(Subject kvm, int slot) {
        MemorySegment bitmap = kvm.allocate(64);
        KvmDirtyLog log = new KvmDirtyLog();
        log.slot(slot);
        log.dirtyBitmap(bitmap.address());
        long result = kvm.vm(KvmIoctl.GET_DIRTY_LOG, log);
        return new long[] {result, bitmap.get(ValueLayout.JAVA_LONG, 0)};
    }

    private static String dirtyLog(Subject kvm) {
        MemorySegment page = kvm.allocate(2 * PAGE);
        kvm.slot(1, LOG, Subject.MEMORY_SIZE, 2 * PAGE, page.address());
        kvm.guest("b8 ff ff 8e d8 a2 10 10 f4");
        long on = log(kvm, 1)[1];
        kvm.run();
        long written = log(kvm, 1)[1];
        return "%x %x %x".formatted(on, written, log(kvm, 1)[1]);
    }

    private static String logErrors(Subject kvm) {
        kvm.slot(0, 0, 0, PAGE, kvm.allocate(PAGE).address());
        return names(log(kvm, 0)[0], log(kvm, 7)[0], log(kvm, 40_000)[0]);
    }

    private static String clearErrors(Subject kvm) {
        kvm.slot(0, LOG, 0, 128 * PAGE, kvm.allocate(128 * PAGE).address());
        return names(clear(kvm, 0, 128), clear(kvm, 1, 64), clear(kvm, 0, 65), clear(kvm, 64, 128));
    }

    private static long clear(Subject kvm, int first, int pages) {
        KvmClearDirtyLog clear = new KvmClearDirtyLog();
        clear.firstPage(first);
        clear.numPages(pages);
        clear.dirtyBitmap(kvm.allocate(64).address());
        return kvm.vm(KvmIoctl.CLEAR_DIRTY_LOG, clear);
    }
}
