package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.linux.EventFd;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.soft.kvm.SoftKvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests of the KVM in Java that are refused or answered at their limits, with the errnos of a kernel's KVM. */
@Timeout(30)
class SoftRequestsTest {
    private static final long EPERM = -1, ENOENT = -2, ENXIO = -6, E2BIG = -7, EBADF = -9, EFAULT = -14, EBUSY = -16,
            EEXIST = -17, ENODEV = -19, EINVAL = -22, ENOTTY = -25;
    private static final long PAGE = 4096;
    private static final long TCGETS = 0x5401;

    private final Syscalls soft = new SoftKvm(new FfmSyscalls());
    private final RawKvm kvm = new RawKvm(soft);

    @AfterEach
    void close() {
        kvm.close();
    }

    @Test
    void shouldRefuseRequestsOfOtherDescriptors() {
        int vcpu = (int) kvm.vm(KvmIoctl.CREATE_VCPU, 0);
        assertEquals(EINVAL, kvm.system(KvmIoctl.RUN, 0));
        assertEquals(ENOTTY, kvm.vm(KvmIoctl.RUN, 0));
        assertEquals(EINVAL, soft.ioctl(vcpu, KvmIoctl.CREATE_VM.number(), 0));
        assertEquals(EINVAL, soft.ioctl(vcpu, TCGETS, 0));
        assertEquals(EINVAL, soft.ioctl(vcpu, KvmIoctl.RUN.number(), 1));
        assertEquals(EINVAL, kvm.system(KvmIoctl.GET_API_VERSION, 1));
        assertEquals(EINVAL, kvm.system(KvmIoctl.CREATE_VM, 1L << 32));
        assertEquals(ENOTTY, kvm.vm(KvmIoctl.MEMORY_ENCRYPT_OP, 0));
        assertEquals(ENOTTY, soft.ioctl(vcpu, KvmIoctl.SMI.number(), 0));
        assertEquals(EFAULT, soft.ioctl(vcpu, KvmIoctl.GET_REGS.number(), 8));
        assertEquals(0, kvm.system(KvmIoctl.CHECK_EXTENSION, 99_999));
        assertEquals(ENODEV, soft.call(SyscallNumber.MMAP, 0, PAGE, 3, 1, kvm.vm, 0));
        soft.call(SyscallNumber.CLOSE, vcpu, 0, 0, 0, 0, 0);
    }

    @Test
    void shouldKeepTheNumbersOfVcpusThatWereEverMade() {
        int vcpu = (int) kvm.vm(KvmIoctl.CREATE_VCPU, 3);
        soft.call(SyscallNumber.CLOSE, vcpu, 0, 0, 0, 0, 0);
        assertEquals(EEXIST, kvm.vm(KvmIoctl.CREATE_VCPU, 3));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.CREATE_VCPU, 4096));
        int zero = (int) kvm.vm(KvmIoctl.CREATE_VCPU, 1L << 32);
        assertTrue(zero > 0);
        assertEquals(EEXIST, kvm.vm(KvmIoctl.CREATE_VCPU, 0));
        assertEquals(EBUSY, kvm.vm(KvmIoctl.SET_BOOT_CPU_ID, 0));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.SET_IDENTITY_MAP_ADDR, kvm.words(0, 0)));
        soft.call(SyscallNumber.CLOSE, zero, 0, 0, 0, 0, 0);
    }

    @Test
    void shouldLimitVcpuNumbersOnceAndTssAddresses() {
        assertEquals(0, kvm.enable(KvmCap.MAX_VCPU_ID, 4));
        assertEquals(EINVAL, kvm.enable(KvmCap.MAX_VCPU_ID, 8));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.CREATE_VCPU, 4));
        assertEquals(0, kvm.vm(KvmIoctl.SET_TSS_ADDR, 0xFFFF_D000L));
        assertEquals(0, kvm.vm(KvmIoctl.SET_TSS_ADDR, 1));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.SET_TSS_ADDR, 1L << 32));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.SET_TSS_ADDR, -1));
        assertEquals(0, kvm.vm(KvmIoctl.SET_BOOT_CPU_ID, 99_999));
        assertEquals(EINVAL, kvm.enable(KvmCap.X86_USER_SPACE_MSR, 8));
        assertEquals(EINVAL, kvm.enable(KvmCap.EXIT_HYPERCALL, 1));
        assertEquals(EINVAL, kvm.enable(KvmCap.X2APIC_API, 4));
        assertEquals(0, kvm.enable(KvmCap.EXCEPTION_PAYLOAD, 77));
    }

    @Test
    void shouldOrderTheKindsOfIrqchips() {
        assertEquals(ENXIO, kvm.vm(KvmIoctl.IRQ_LINE, kvm.words(4, 1)));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.SIGNAL_MSI, kvm.words(0xFEE0_0000, 0, 0x44, 0, 0, 0, 0, 0)));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.SET_GSI_ROUTING, kvm.words(0, 0)));
        assertEquals(EINVAL, kvm.enable(KvmCap.SPLIT_IRQCHIP, 4097));
        assertEquals(0, kvm.vm(KvmIoctl.CREATE_IRQCHIP, 0));
        assertEquals(EEXIST, kvm.vm(KvmIoctl.CREATE_IRQCHIP, 0));
        assertEquals(EEXIST, kvm.enable(KvmCap.SPLIT_IRQCHIP, 24));
        assertEquals(EPERM, kvm.vm(KvmIoctl.SIGNAL_MSI, kvm.words(0xFEE0_0000, 0, 0x44, 0, 0, 0, 0, 0)), "no vCPU");
        assertEquals(EINVAL, kvm.vm(KvmIoctl.SIGNAL_MSI, kvm.words(0xFEE0_0000, 0, 0x44, 2, 0, 0, 0, 0)));
        assertEquals(0, kvm.vm(KvmIoctl.SET_GSI_ROUTING, kvm.words(0, 0)));
        assertEquals(ENXIO, kvm.vm(KvmIoctl.GET_PIT2, kvm.arena.allocate(112, 8)));
        assertEquals(0, kvm.vm(KvmIoctl.CREATE_PIT2, kvm.arena.allocate(64, 8)));
        assertEquals(EEXIST, kvm.vm(KvmIoctl.CREATE_PIT2, kvm.arena.allocate(64, 8)));
        kvm.renew();
        int vcpu = (int) kvm.vm(KvmIoctl.CREATE_VCPU, 0);
        assertEquals(EINVAL, kvm.vm(KvmIoctl.CREATE_IRQCHIP, 0));
        assertEquals(EEXIST, kvm.enable(KvmCap.SPLIT_IRQCHIP, 24));
        assertEquals(EINVAL, soft.ioctl(vcpu, KvmIoctl.GET_LAPIC.number(), kvm.arena.allocate(1024, 8).address()));
        assertEquals(EINVAL, soft.ioctl(vcpu, KvmIoctl.SET_MP_STATE.number(), kvm.words(3).address()));
        assertEquals(EINVAL, soft.ioctl(vcpu, KvmIoctl.INTERRUPT.number(), kvm.words(256).address()));
        soft.call(SyscallNumber.CLOSE, vcpu, 0, 0, 0, 0, 0);
    }

    @Test
    void shouldCheckSlotsAsTheyAreMadeMovedAndDeleted() {
        long host = kvm.arena.allocate(16 * PAGE, PAGE).address();
        assertEquals(EINVAL, kvm.region(0, 0, 0, 0, host), "nothing to delete");
        assertEquals(0, kvm.region(0, 0, 0, 4 * PAGE, host));
        assertEquals(0, kvm.region(0, 0, 0, 4 * PAGE, host), "the same again");
        assertEquals(EEXIST, kvm.region(1, 0, 3 * PAGE, PAGE, host));
        assertEquals(0, kvm.region(1, 0, 4 * PAGE, PAGE, host), "two slots of one memory");
        assertEquals(EEXIST, kvm.region(1, 0, PAGE, PAGE, host), "moving onto another");
        assertEquals(0, kvm.region(1, 0, 8 * PAGE, PAGE, host), "moving");
        assertEquals(EINVAL, kvm.region(1, 0, 8 * PAGE, 2 * PAGE, host), "another size");
        assertEquals(EINVAL, kvm.region(1, KvmUserspaceMemoryRegion.READONLY, 8 * PAGE, PAGE, host));
        assertEquals(0, kvm.region(1, KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES, 8 * PAGE, PAGE, host));
        assertEquals(EINVAL, kvm.region(1 << 16, 0, 0, PAGE, host), "there is no address space for SMM");
        assertEquals(EINVAL, kvm.region(32764, 0, 0x100_0000, PAGE, host));
        assertEquals(0, kvm.region(32763, 0, 0x100_0000, PAGE, host));
        assertEquals(EINVAL, kvm.region(5, 0, 0x200_0001, PAGE, host));
        assertEquals(EINVAL, kvm.region(5, 0, 0x200_0000, PAGE, host + 1));
        assertEquals(EINVAL, kvm.region(5, 0, 0x200_0000, PAGE - 1, host));
        assertEquals(EINVAL, kvm.region(5, 8, 0x200_0000, PAGE, host));
        assertEquals(EINVAL, kvm.region(5, 0, 1L << 40, PAGE, host));
        assertEquals(EINVAL, kvm.region(5, 0, 0x200_0000, PAGE, 0xFFFF_8000_0000_0000L));
        assertEquals(0, kvm.region(5, 0, 0x200_0000, PAGE, 0), "looked at when touched");
        assertEquals(0, kvm.region(5, 0, 77 * PAGE, 0, 0), "deleted wherever it is");
        kvm.renew();
        assertEquals(0, kvm.region(0, 0, 0, 1L << 40, 0));
    }

    @Test
    void shouldCheckDirtyLogsAndRings() {
        long host = kvm.arena.allocate(200 * PAGE, PAGE).address();
        MemorySegment bitmap = kvm.arena.allocate(64, 8);
        assertEquals(0, kvm.region(0, 0, 0, 100 * PAGE, host));
        assertEquals(ENOENT, kvm.vm(KvmIoctl.GET_DIRTY_LOG, log(0, bitmap)));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.GET_DIRTY_LOG, log(40_000, bitmap)));
        assertEquals(0, kvm.region(0, 1, 0, 100 * PAGE, host));
        assertEquals(0, kvm.vm(KvmIoctl.GET_DIRTY_LOG, log(0, bitmap)));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.CLEAR_DIRTY_LOG, clear(1, 64, bitmap)));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.CLEAR_DIRTY_LOG, clear(0, 63, bitmap)));
        assertEquals(EINVAL, kvm.vm(KvmIoctl.CLEAR_DIRTY_LOG, clear(64, 37, bitmap)));
        assertEquals(0, kvm.vm(KvmIoctl.CLEAR_DIRTY_LOG, clear(64, 36, bitmap)));
        for (int mode : new int[] {2, 4}) {
            assertEquals(EINVAL, kvm.enable(KvmCap.MANUAL_DIRTY_LOG_PROTECT2, mode));
        }
        kvm.renew();
        assertEquals(EINVAL, kvm.enable(KvmCap.DIRTY_LOG_RING, 5000));
        assertEquals(EINVAL, kvm.enable(KvmCap.DIRTY_LOG_RING, 2048));
        assertEquals(E2BIG, kvm.enable(KvmCap.DIRTY_LOG_RING, 2 << 20));
        assertEquals(0, kvm.enable(KvmCap.DIRTY_LOG_RING, 4096));
        assertEquals(EINVAL, kvm.enable(KvmCap.DIRTY_LOG_RING, 4096));
        assertEquals(ENXIO, kvm.vm(KvmIoctl.GET_DIRTY_LOG, log(0, bitmap)));
    }

    private MemorySegment log(int slot, MemorySegment bitmap) {
        MemorySegment log = kvm.arena.allocate(16, 8);
        log.set(ValueLayout.JAVA_INT, 0, slot);
        log.set(ValueLayout.JAVA_LONG, 8, bitmap.address());
        return log;
    }

    private MemorySegment clear(long first, int count, MemorySegment bitmap) {
        MemorySegment clear = kvm.arena.allocate(24, 8);
        clear.set(ValueLayout.JAVA_INT, 4, count);
        clear.set(ValueLayout.JAVA_LONG, 8, first);
        clear.set(ValueLayout.JAVA_LONG, 16, bitmap.address());
        return clear;
    }

    @Test
    void shouldTellHowManyEntriesTablesNeed() {
        MemorySegment list = kvm.arena.allocate(4096, 8);
        list.set(ValueLayout.JAVA_INT, 0, 1);
        assertEquals(E2BIG, kvm.system(KvmIoctl.GET_MSR_INDEX_LIST, list.address()));
        assertTrue(list.get(ValueLayout.JAVA_INT, 0) > 10);
        MemorySegment cpuid = kvm.arena.allocate(KvmCpuid2.ENTRIES_OFFSET + 300 * KvmCpuidEntry2.SIZE, 8);
        cpuid.set(ValueLayout.JAVA_INT, 0, 1);
        assertEquals(E2BIG, kvm.system(KvmIoctl.GET_SUPPORTED_CPUID, cpuid.address()));
        assertEquals(1, cpuid.get(ValueLayout.JAVA_INT, 0), "not told");
        cpuid.set(ValueLayout.JAVA_INT, 0, 300);
        assertEquals(0, kvm.system(KvmIoctl.GET_SUPPORTED_CPUID, cpuid.address()));
        int vcpu = (int) kvm.vm(KvmIoctl.CREATE_VCPU, 0);
        assertEquals(0, soft.ioctl(vcpu, KvmIoctl.SET_CPUID2.number(), cpuid.address()));
        cpuid.set(ValueLayout.JAVA_INT, 0, 257);
        assertEquals(E2BIG, soft.ioctl(vcpu, KvmIoctl.SET_CPUID2.number(), cpuid.address()));
        soft.call(SyscallNumber.CLOSE, vcpu, 0, 0, 0, 0, 0);
    }

    @Test
    void shouldCheckEventsThatRingAndInterrupt() {
        MemorySegment irqfd = kvm.arena.allocate(32, 8);
        kvm.vm(KvmIoctl.CREATE_IRQCHIP, 0);
        try (EventFd event = EventFd.nonBlocking(soft)) {
            irqfd.set(ValueLayout.JAVA_INT, 0, event.number());
            assertEquals(0, kvm.vm(KvmIoctl.IRQFD, irqfd));
            irqfd.set(ValueLayout.JAVA_INT, 4, 7);
            assertEquals(EBUSY, kvm.vm(KvmIoctl.IRQFD, irqfd), "one event twice");
            irqfd.set(ValueLayout.JAVA_INT, 8, 1);
            assertEquals(0, kvm.vm(KvmIoctl.IRQFD, irqfd), "an assignment that does not exist");
            irqfd.set(ValueLayout.JAVA_INT, 8, 4);
            assertEquals(EINVAL, kvm.vm(KvmIoctl.IRQFD, irqfd));
            irqfd.set(ValueLayout.JAVA_INT, 8, 0);
            irqfd.set(ValueLayout.JAVA_INT, 0, kvm.system);
            assertEquals(EINVAL, kvm.vm(KvmIoctl.IRQFD, irqfd), "no event");
            irqfd.set(ValueLayout.JAVA_INT, 0, 99_999);
            assertEquals(EBADF, kvm.vm(KvmIoctl.IRQFD, irqfd));

            assertEquals(0, doorbell(event, 0x10, 1, 0, 2));
            assertEquals(EEXIST, doorbell(event, 0x10, 1, 5, 3), "matching beside any");
            assertEquals(EEXIST, doorbell(event, 0x10, 0, 0, 2));
            assertEquals(0, doorbell(event, 0x10, 2, 0, 2));
            assertEquals(0, doorbell(event, 0x10, 1, 0, 0), "memory apart from ports");
            assertEquals(EINVAL, doorbell(event, 0x20, 3, 0, 2));
            assertEquals(EINVAL, doorbell(event, 0x20, 0, 0, 3));
            assertEquals(EINVAL, doorbell(event, -1, 2, 0, 0));
            assertEquals(EINVAL, doorbell(event, 0x20, 1, 0, 0x22));
            assertEquals(ENOENT, doorbell(event, 0x10, 4, 0, 6));
            assertEquals(0, doorbell(event, 0x10, 1, 0, 6));
        }
    }

    private long doorbell(EventFd event, long address, int length, long match, int flags) {
        MemorySegment struct = kvm.arena.allocate(64, 8);
        struct.set(ValueLayout.JAVA_LONG, 0, match);
        struct.set(ValueLayout.JAVA_LONG, 8, address);
        struct.set(ValueLayout.JAVA_INT, 16, length);
        struct.set(ValueLayout.JAVA_INT, 20, event.number());
        struct.set(ValueLayout.JAVA_INT, 24, flags);
        return kvm.vm(KvmIoctl.IOEVENTFD, struct);
    }

    @Test
    void shouldKeepStatisticsReadOnly() {
        int vcpu = (int) kvm.vm(KvmIoctl.CREATE_VCPU, 2);
        int stats = (int) soft.ioctl(vcpu, KvmIoctl.GET_STATS_FD.number(), 0);
        MemorySegment data = kvm.arena.allocate(128, 8);
        assertEquals(EBADF, soft.call(SyscallNumber.WRITE, stats, data.address(), 8, 0, 0, 0));
        assertEquals(128, soft.call(SyscallNumber.READ, stats, data.address(), 128, 0, 0, 0));
        assertEquals(48, data.get(ValueLayout.JAVA_INT, 4), "name_size");
        assertEquals(72, data.get(ValueLayout.JAVA_INT, 16), "descriptors");
        assertTrue(data.getString(24).matches("kvm-\\d+/vcpu-2"), data.getString(24));
        assertEquals(128, soft.call(SyscallNumber.LSEEK, stats, 3, 0, 0, 0, 0), "where it is");
        soft.call(SyscallNumber.CLOSE, stats, 0, 0, 0, 0, 0);
        soft.call(SyscallNumber.CLOSE, vcpu, 0, 0, 0, 0, 0);
    }
}
