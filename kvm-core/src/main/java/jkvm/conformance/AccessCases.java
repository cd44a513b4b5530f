package jkvm.conformance;

import static jkvm.conformance.Subject.name;

import java.lang.foreign.ValueLayout;
import java.util.List;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;
import jkvm.linux.SyscallNumber;

/** Accesses of many bytes, and to memory that is not there. */
final class AccessCases {
    private static final int PAGE = 4096;
    private static final long CR4_OSFXSR = 1 << 9;
    /** mov ax, 0xffff; mov ds, ax; mov es, ax: offset 0x10 is the first address without memory. */
    private static final String BEYOND_MEMORY = "b8 ff ff 8e d8 8e c0 ";

    private AccessCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(7, "a request to a vCPU that runs on another thread waits", AccessCases::waits),
                new ConformanceCase(21, "a slot whose host memory is unmapped, then mapped: rip",
                        AccessCases::unmapped),
                new ConformanceCase(39, "INSB downwards: count, order", AccessCases::downwards),
                new ConformanceCase(40, "INSB of 3 bytes to MMIO: IO, then the write", AccessCases::inToMmio),
                new ConformanceCase(42, "a 16-byte store to MMIO: exits", AccessCases::wideStore),
                new ConformanceCase(42, "a 16-byte store from RAM into MMIO: exits", AccessCases::splitStore));
    }

    private static String waits(Subject kvm) throws InterruptedException {
        kvm.guest("f4 eb fe").run();
        long[] returned = new long[2];
        Thread asks = Thread.ofPlatform().daemon().unstarted(() -> {
            sleep(30);
            returned[0] = kvm.vcpu(0, KvmIoctl.GET_SREGS, new KvmSregs());
            returned[1] = System.nanoTime();
        });
        asks.start();
        kvm.run(0, 150);
        long end = System.nanoTime();
        asks.join();
        return name(returned[0]) + " after the run " + (returned[1] > end - 50_000_000);
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String unmapped(Subject kvm) {
        long host = kvm.syscalls().call(SyscallNumber.MMAP, 0, PAGE, 3, 0x22, -1, 0);
        kvm.slot(1, 0, Subject.MEMORY_SIZE, PAGE, host);
        kvm.guest(BEYOND_MEMORY + "a0 10 00 f4");
        kvm.syscalls().call(SyscallNumber.MUNMAP, host, PAGE, 0, 0, 0, 0);
        String first = kvm.run() + " %x ".formatted(kvm.regs().rip());
        long again = kvm.syscalls().call(SyscallNumber.MMAP, host, PAGE, 3, 0x32, -1, 0);
        String second = again == host ? kvm.run() : "moved";
        kvm.syscalls().call(SyscallNumber.MUNMAP, host, PAGE, 0, 0, 0, 0);
        return first + second;
    }

    private static String downwards(Subject kvm) {
        kvm.guest("fd bf 03 20 b9 04 00 ba 10 00 f3 6c f4");
        String exit = kvm.run() + " count " + kvm.page(0).ioCount();
        for (int i = 0; i < 4; i++) {
            kvm.page(0).data(kvm.page(0).ioDataOffset() + i, 1, i + 1);
        }
        return exit + " " + kvm.run() + " %x".formatted(kvm.memory().get(ValueLayout.JAVA_INT, 0x2000));
    }

    private static String inToMmio(Subject kvm) {
        kvm.guest(BEYOND_MEMORY + "bf 10 00 b9 03 00 ba 10 00 f3 6c f4");
        String exit = kvm.run() + " count " + kvm.page(0).ioCount();
        for (int i = 0; i < 3; i++) {
            kvm.page(0).data(kvm.page(0).ioDataOffset() + i, 1, i + 1);
        }
        exit += " " + kvm.run() + " len " + kvm.page(0).mmioSize();
        return exit + " " + kvm.run();
    }

    static Subject withSse(Subject kvm, String code) {
        kvm.guest(code);
        KvmSregs sregs = new KvmSregs();
        kvm.vcpu(0, KvmIoctl.GET_SREGS, sregs);
        sregs.cr4(sregs.cr4() | CR4_OSFXSR);
        kvm.vcpu(0, KvmIoctl.SET_SREGS, sregs);
        return kvm;
    }

    private static String exits(Subject kvm) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            String exit = kvm.run();
            text.append(i == 0 ? "" : " ").append(exit);
            if (!exit.equals("MMIO")) {
                break;
            }
            KvmRun page = kvm.page(0);
            text.append(" %x/%d".formatted(page.mmioAddress(), page.mmioSize()));
        }
        return text.toString();
    }

    private static String wideStore(Subject kvm) {
        return exits(withSse(kvm, BEYOND_MEMORY + "0f 11 06 10 00 f4"));
    }

    private static String splitStore(Subject kvm) {
        return exits(withSse(kvm, BEYOND_MEMORY + "0f 11 06 0c 00 f4"));
    }
}
