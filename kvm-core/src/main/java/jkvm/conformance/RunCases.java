package jkvm.conformance;

import static jkvm.conformance.Subject.names;

import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmCoalescedMmioRing;
import jkvm.abi.KvmCoalescedMmioZone;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;

/** The protocol of KVM_RUN: what exits, with what in the shared page, and how user space answers. */
final class RunCases {
    /** mov ax, 0xffff; mov ds, ax: offset 0x10 is the first address without memory. */
    private static final String BEYOND_MEMORY = "b8 ff ff 8e d8 ";
    private static final int BEYOND = Subject.MEMORY_SIZE;

    private RunCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(24, "immediate_exit: result, exit reason kept", kvm -> {
                    kvm.guest("e6 10 f4").run();
                    kvm.page(0).immediateExit(true);
                    String result = kvm.run();
                    return result + " " + KvmExit.name(kvm.page(0).exitReason());
                }),
                new ConformanceCase(24, "a signal: result, exit reason", kvm -> {
                    kvm.guest("eb fe");
                    return kvm.run(0, 50).replace(" patience", "") + " " + KvmExit.name(kvm.page(0).exitReason());
                }),
                new ConformanceCase(25, "immediate_exit completes a pending IN first", kvm -> {
                    kvm.guest("e4 10 f4").run();
                    kvm.page(0).data(kvm.page(0).ioDataOffset(), 1, 0x5A);
                    kvm.page(0).immediateExit(true);
                    String result = kvm.run();
                    return result + " al %x rip %x".formatted(kvm.regs().rax() & 0xFF, kvm.regs().rip());
                }),
                new ConformanceCase(25, "immediate_exit between the halves of a 16-byte write", kvm -> {
                    String first = AccessCases.withSse(kvm, BEYOND_MEMORY + "0f 11 06 10 00 f4").run();
                    kvm.page(0).immediateExit(true);
                    String second = kvm.run() + " %x ".formatted(kvm.page(0).mmioAddress());
                    return first + " " + second + kvm.run();
                }),
                new ConformanceCase(26, "cr8 of the shared page: 5, read back; 16", RunCases::cr8),
                new ConformanceCase(27, "MOV to CR8 without chips, raised and lowered", RunCases::loweredCr8),
                new ConformanceCase(27, "CR8 lowered by LOCK MOV CR0, without CPUID", RunCases::lockedCr8),
                new ConformanceCase(28, "KVM_SET_REGS between an MMIO read and the next KVM_RUN", kvm -> {
                    kvm.guest(BEYOND_MEMORY + "a0 10 00 f4").run();
                    kvm.page(0).data(KvmRun.MMIO_DATA_OFFSET, 1, 0x5A);
                    kvm.vcpu(0, KvmIoctl.SET_REGS, kvm.regs());
                    return kvm.run() + " al %x".formatted(kvm.regs().rax() & 0xFF);
                }),
                new ConformanceCase(29, "IN and OUT: rip at the exit", kvm -> {
                    kvm.guest("e4 10 e6 10 f4");
                    return kvm.run() + " %x ".formatted(kvm.regs().rip()) + kvm.run() + " %x".formatted(
                            kvm.regs().rip());
                }),
                new ConformanceCase(29, "rip changed at an IN: answer and step are dropped", kvm -> {
                    kvm.guest("b0 11 e4 10 f4").run();
                    KvmRegs regs = kvm.regs();
                    regs.rip(regs.rip() + 2);
                    kvm.vcpu(0, KvmIoctl.SET_REGS, regs);
                    kvm.page(0).data(kvm.page(0).ioDataOffset(), 1, 0x5A);
                    return kvm.run() + " al %x rip %x".formatted(kvm.regs().rax() & 0xFF, kvm.regs().rip());
                }),
                new ConformanceCase(30, "fields of an IN scribbled over before the next KVM_RUN", RunCases::scribbled),
                new ConformanceCase(31, "unknown bits in kvm_valid_regs, kvm_dirty_regs", kvm -> {
                    kvm.guest("f4");
                    kvm.page(0).validRegs(1 << 20);
                    String valid = kvm.run();
                    kvm.page(0).validRegs(0);
                    kvm.page(0).dirtyRegs(1 << 20);
                    return valid + " " + kvm.run();
                }),
                new ConformanceCase(31, "kvm_dirty_regs after use", kvm -> {
                    kvm.guest("f4");
                    kvm.page(0).syncRegs().rip(Subject.CODE);
                    kvm.page(0).syncRegs().rax(0x77);
                    kvm.page(0).syncRegs().rflags(2);
                    kvm.page(0).dirtyRegs(KvmRun.SYNC_REGS);
                    return kvm.run() + " dirty %d rax %x".formatted(kvm.page(0).dirtyRegs(), kvm.regs().rax());
                }),
                new ConformanceCase(32, "a fresh AP with chips blocks until a signal", kvm -> {
                    InterruptCases.withChips(kvm).guest("f4");
                    kvm.createVcpu(1);
                    return kvm.run(1, 50) + " " + KvmExit.name(kvm.page(1).exitReason());
                }),
                new ConformanceCase(32, "INIT to an AP that blocks, again until a signal",
                        InterruptCases::initEndsWait),
                new ConformanceCase(33, "a second vCPU without chips: MP state, APIC bases", RunCases::secondVcpu),
                new ConformanceCase(34, "HLT without chips: rip, MP state, goes on", kvm -> {
                    kvm.guest("f4 e6 10");
                    String first = kvm.run() + " %x %d".formatted(kvm.regs().rip(), mpState(kvm));
                    return first + " " + kvm.run();
                }),
                new ConformanceCase(34, "HLT with chips: blocks, MP state, an NMI wakes", RunCases::haltedWithChips),
                new ConformanceCase(35, "request_interrupt_window: with IF, after STI, at STI HLT",
                        RunCases::interruptWindow),
                new ConformanceCase(36, "ready_for_interrupt_injection and if_flag at HLT", kvm -> {
                    kvm.guest("fb 90 f4");
                    return kvm.run() + " %b %b".formatted(kvm.page(0).isReadyForInterruptInjection(),
                            kvm.page(0).isInterruptFlagSet());
                }),
                new ConformanceCase(37, "a triple fault", kvm -> {
                    kvm.guest("0f 01 1e 00 20 cc");
                    return kvm.run();
                }),
                new ConformanceCase(38, "REP OUTSB: count of an exit, rcx", kvm -> {
                    kvm.guest("be 00 20 b9 05 00 ba 10 00 f3 6e f4");
                    return kvm.run() + " count %d rcx %d".formatted(kvm.page(0).ioCount(), kvm.regs().rcx());
                }),
                new ConformanceCase(38, "REP INSB of 3000 bytes to 0xf00: counts", kvm -> {
                    kvm.guest("bf 00 3f b9 b8 0b ba 10 00 f3 6c f4");
                    StringBuilder counts = new StringBuilder();
                    while (kvm.run().equals("IO") && counts.length() < 100) {
                        counts.append(kvm.page(0).ioCount()).append(' ');
                    }
                    return counts.toString().strip();
                }),
                new ConformanceCase(38, "REP INSW of 256 words to 0xf00: count", kvm -> {
                    kvm.guest("bf 00 3f b9 00 01 ba 10 00 f3 6d f4");
                    return kvm.run() + " count %d".formatted(kvm.page(0).ioCount());
                }),
                new ConformanceCase(38, "REP INSB with rcx 0", kvm -> {
                    kvm.guest("bf 00 20 b9 00 00 ba 10 00 f3 6c f4");
                    return kvm.run();
                }),
                new ConformanceCase(41, "MMIO write and read: rip at the exit", kvm -> {
                    kvm.guest(BEYOND_MEMORY + "a2 10 00 a0 10 00 f4");
                    String write = kvm.run() + " %b %x ".formatted(kvm.page(0).isMmioWrite(), kvm.regs().rip());
                    return write + kvm.run() + " %b %x".formatted(kvm.page(0).isMmioWrite(), kvm.regs().rip());
                }),
                new ConformanceCase(43, "XCHG with MMIO: read, then write", kvm -> {
                    kvm.guest(BEYOND_MEMORY + "b0 42 86 06 10 00 f4").run();
                    kvm.page(0).data(KvmRun.MMIO_DATA_OFFSET, 1, 0x5A);
                    String second = kvm.run() + " %b %x".formatted(kvm.page(0).isMmioWrite(),
                            kvm.page(0).data(KvmRun.MMIO_DATA_OFFSET, 1));
                    return second + " " + kvm.run() + " al %x".formatted(kvm.regs().rax() & 0xFF);
                }),
                new ConformanceCase(43, "LOCK CMPXCHG with MMIO that differs", kvm -> {
                    kvm.guest(BEYOND_MEMORY + "b0 42 f0 0f b0 1e 10 00 f4").run();
                    kvm.page(0).data(KvmRun.MMIO_DATA_OFFSET, 1, 0x5A);
                    return kvm.run() + " %b %x".formatted(kvm.page(0).isMmioWrite(),
                            kvm.page(0).data(KvmRun.MMIO_DATA_OFFSET, 1));
                }),
                new ConformanceCase(46, "a jump to MMIO", kvm -> {
                    kvm.guest("ea 10 00 ff ff");
                    return kvm.run() + " suberror %d at %x".formatted(kvm.page(0).internalSuberror(),
                            kvm.regs().rip());
                }),
                new ConformanceCase(48, "coalesced MMIO: zone twice, unknown zone, size 0, a write in it, outside",
                        RunCases::coalesced),
                new ConformanceCase(49, "writes that the coalescing ring takes: from place 0, 84, 85, 170",
                        RunCases::ringRoom));
    }

    private static int mpState(Subject kvm) {
        KvmMpState state = new KvmMpState();
        kvm.vcpu(0, KvmIoctl.GET_MP_STATE, state);
        return state.mpState();
    }

    private static String cr8(Subject kvm) {
        kvm.guest("f4 f4");
        kvm.page(0).cr8(5);
        String first = kvm.run();
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        kvm.page(0).cr8(16);
        return first + " %d ".formatted(sregs.cr8()) + kvm.run();
    }

    private static String loweredCr8(Subject kvm) {
        // mov eax, 5; mov cr8, rax; mov eax, 3; mov cr8, rax; hlt
        LongMode.guest(kvm, "b8 05 00 00 00 44 0f 22 c0 b8 03 00 00 00 44 0f 22 c0 f4");
        return kvm.run() + " rip %x".formatted(kvm.regs().rip());
    }

    /**
     * AMD's form of CR8 outside 64-bit mode: a processor that helps KVM to decode executes it, its emulator does not.
     */
    private static String lockedCr8(Subject kvm) {
        // mov eax, 5; lock mov cr0, eax; mov eax, 3; lock mov cr0, eax; hlt; #UD: out 0x10, al
        kvm.guest("66 b8 05 00 00 00 f0 0f 22 c0 66 b8 03 00 00 00 f0 0f 22 c0 f4");
        kvm.load(4 * 6, "00 20 00 00");
        kvm.load(0x2000, "e6 10 f4");
        return kvm.run();
    }

    private static String scribbled(Subject kvm) {
        kvm.guest("e4 10 f4").run();
        KvmRun page = kvm.page(0);
        page.data(page.ioDataOffset(), 1, 0x5A);
        page.data(KvmRun.IO_SIZE_OFFSET, 1, 4);
        page.data(KvmRun.IO_DATA_OFFSET_OFFSET, 8, 0);
        page.data(KvmRun.EXIT_REASON_OFFSET, 4, 99);
        return kvm.run() + " al %x".formatted(kvm.regs().rax() & 0xFF);
    }

    private static String secondVcpu(Subject kvm) {
        kvm.createVcpu(0);
        kvm.createVcpu(1);
        KvmMpState state = new KvmMpState();
        kvm.vcpu(1, KvmIoctl.GET_MP_STATE, state);
        KvmSregs first = new KvmSregs();
        KvmSregs second = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, first);
        kvm.vcpu(1, KvmIoctl.GET_SREGS, second);
        return "%d %x %x".formatted(state.mpState(), first.apicBase(), second.apicBase());
    }

    private static String haltedWithChips(Subject kvm) {
        InterruptCases.withChips(kvm).guest("f4");
        kvm.load(4 * 2, "00 20 00 00");
        kvm.load(0x2000, "e6 10");
        String blocked = kvm.run(0, 50);
        int state = mpState(kvm);
        kvm.vcpu(0, KvmIoctl.NMI, 0);
        return blocked + " %d ".formatted(state) + kvm.run();
    }

    private static String interruptWindow(Subject kvm) {
        kvm.guest("fb 90 f4 fa fb f4");
        kvm.page(0).requestInterruptWindow(true);
        String first = kvm.run() + " %x ".formatted(kvm.regs().rip());
        String again = kvm.run() + " %x ".formatted(kvm.regs().rip());
        kvm.page(0).requestInterruptWindow(false);
        String halt = kvm.run() + " ";
        kvm.page(0).requestInterruptWindow(true);
        KvmRegs regs = kvm.regs();
        regs.rflags(2);
        kvm.vcpu(0, KvmIoctl.SET_REGS, regs);
        return first + again + halt + kvm.run();
    }

    private static long zone(Subject kvm, KvmIoctl request, long address, int size) {
        KvmCoalescedMmioZone zone = new KvmCoalescedMmioZone();
        zone.addr(address);
        zone.size(size);
        return kvm.vm(request, zone);
    }

    private static String coalesced(Subject kvm) {
        kvm.guest(BEYOND_MEMORY + "a2 10 00 a2 10 10 f4");
        String results = names(zone(kvm, KvmIoctl.REGISTER_COALESCED_MMIO, BEYOND, 0x1000),
                zone(kvm, KvmIoctl.REGISTER_COALESCED_MMIO, BEYOND, 0x1000),
                zone(kvm, KvmIoctl.UNREGISTER_COALESCED_MMIO, 0x7000_0000L, 0x1000),
                zone(kvm, KvmIoctl.REGISTER_COALESCED_MMIO, 0x7000_0000L, 0));
        String exit = kvm.run() + " %x".formatted(kvm.page(0).mmioAddress());
        return results + " " + exit;
    }

    /** The guest writes to a zone without end: how many writes are in the ring at the first exit. */
    private static String ringRoom(Subject kvm) {
        kvm.guest(BEYOND_MEMORY + "a2 10 00 eb fb");
        zone(kvm, KvmIoctl.REGISTER_COALESCED_MMIO, BEYOND, 0x1000);
        long ring = kvm.extension(KvmCap.COALESCED_MMIO.number()) * 4096;
        StringBuilder text = new StringBuilder();
        for (int place : new int[] {0, 84, 85, KvmCoalescedMmioRing.CAPACITY}) {
            kvm.page(0).data(ring + KvmCoalescedMmioRing.FIRST_OFFSET, 4, place);
            kvm.page(0).data(ring + KvmCoalescedMmioRing.LAST_OFFSET, 4, place);
            String exit = kvm.run();
            long last = kvm.page(0).data(ring + KvmCoalescedMmioRing.LAST_OFFSET, 4);
            text.append(place == 0 ? "" : " ").append(exit).append(' ').append(Math.floorMod(last - place,
                    KvmCoalescedMmioRing.CAPACITY));
        }
        return text.toString();
    }
}
