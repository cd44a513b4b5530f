package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmClockData;
import jkvm.abi.KvmCreateDevice;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmMsrFilter;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.abi.KvmUserspaceMemoryRegion2;
import jkvm.linux.EventFd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@OnEachKvm
@Timeout(20)
class VmTest {
    private static final String HLT = "f4";
    private static final int PORT = 0x10;
    private static final long MMIO = 0x20_0000;

    private final Syscalls kvm;

    VmTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @Test
    void shouldPlaceWhatIntelHostsNeedForRealMode() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, HLT); Vm vm = guest.kvm.createVm()) {
            guest.uses(KvmCap.SET_TSS_ADDR, () -> vm.setTssAddress(KvmLayout.TSS_ADDRESS));
            guest.uses(KvmCap.SET_IDENTITY_MAP_ADDR, () -> vm.setIdentityMapAddress(KvmLayout.IDENTITY_MAP_ADDRESS));
            guest.uses(KvmCap.SET_BOOT_CPU_ID, () -> vm.setBootCpu(0));
        }
    }

    @Test
    void shouldSetAndTellTheClock() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, HLT)) {
            guest.uses(KvmCap.ADJUST_CLOCK, () -> {
                KvmClockData clock = new KvmClockData();
                clock.clock(1_000_000_000_000L);
                guest.vm.clock(clock);
                long read = guest.vm.clock().clock();
                assertTrue(read >= 1_000_000_000_000L && read < 1_060_000_000_000L, "clock " + read);
            });
        }
    }

    @Test
    void shouldGiveSlotsWithTheSecondRequestToo() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, HLT)) {
            guest.uses(KvmCap.USER_MEMORY2, () -> {
                KvmUserspaceMemoryRegion2 region = new KvmUserspaceMemoryRegion2();
                region.slot(1);
                region.guestPhysAddr(0x40_0000);
                region.memorySize(4096);
                region.userspaceAddr(guest.memory.regions().getFirst().hostAddress());
                guest.vm.setMemoryRegion2(region);
            });
            assertThrows(LinuxException.class, () -> guest.vm.setMemoryRegion(2, 0, 1, 4096, 0));
        }
    }

    @Test
    void shouldSignalADoorbellInsteadOfExiting() throws Throwable {
        // mov al, 7; out 0x10, al; mov al, 8; out 0x10, al; out 0x10, ax; hlt
        String code = "b0 07 e6 10 b0 08 e6 10 e7 10 f4";
        try (EventFd event = EventFd.nonBlocking(kvm)) {
            assertEquals(1, rings(code, event, Doorbell.port(PORT, 1).matching(8), KvmExit.IO));
            assertEquals(2, rings(code, event, Doorbell.port(PORT, 1), KvmExit.IO));
            assertEquals(1, rings(code, event, Doorbell.port(PORT, 2), KvmExit.IO));
            try (TinyGuest guest = new TinyGuest(kvm, HLT)) {
                guest.uses(KvmCap.IOEVENTFD_ANY_LENGTH, () -> {
                    assertEquals(3, rings(code, event, Doorbell.port(PORT, 0), KvmExit.HLT));
                    assertThrows(LinuxException.class,
                            () -> guest.vm.ioEvents().add(event, Doorbell.port(PORT, 0).matching(1)));
                });
            }
        }
    }

    @Test
    void shouldSignalADoorbellInMemory() {
        // mov ax, 0xffff; mov ds, ax; mov [0x1000], al at 0xffff0 + 0x1000, above the guest's memory of 0x100000; hlt
        String code = "b8 ff ff 8e d8 a2 00 10 f4";
        try (EventFd event = EventFd.nonBlocking(kvm); TinyGuest guest = new TinyGuest(kvm, code)) {
            guest.vm.setMemoryRegion(0, 0, 0, 0, 0);
            guest.vm.setMemoryRegion(0, 0, 0, 0x10_0000, guest.memory.regions().getFirst().hostAddress());
            guest.vm.ioEvents().add(event, Doorbell.memory(0x10_0ff0, 1));
            guest.runTo(KvmExit.HLT);
            assertEquals(1, event.await());
            guest.vm.ioEvents().remove(event, Doorbell.memory(0x10_0ff0, 1));
        }
    }

    /**
     * Runs the guest to its end, skipping exits for accesses that do not ring.
     *
     * @return how often it rang
     */
    private long rings(String code, EventFd event, Doorbell doorbell, int firstExit) {
        try (TinyGuest guest = new TinyGuest(kvm, code)) {
            guest.vm.ioEvents().add(event, doorbell);
            guest.runTo(firstExit);
            while (guest.vcpu.kvmRun().exitReason() == KvmExit.IO) {
                guest.vcpu.run();
            }
            guest.vm.ioEvents().remove(event, doorbell);
            return event.await();
        }
    }

    @Test
    void shouldCollectWritesInTheRing() throws Throwable {
        // mov al, 7; out 0x10, al; mov ax, 0x1234; out 0x12, ax; hlt
        try (TinyGuest guest = new TinyGuest(kvm, "b0 07 e6 10 b8 34 12 e7 12 f4")) {
            guest.uses(KvmCap.COALESCED_PIO, () -> {
                guest.vm.ioEvents().coalescePorts(PORT, 4);
                List<String> writes = new ArrayList<>();
                CoalescedRing ring = guest.vm.ioEvents().coalescedRing(guest.vcpu);
                guest.runTo(KvmExit.HLT);

                int count = ring.drain((port, address, length, value) ->
                        writes.add("%b %x %d %x".formatted(port, address, length, value)));

                assertEquals(2, count);
                assertEquals(List.of("true 10 1 7", "true 12 2 1234"), writes);
                assertEquals(0, ring.drain((port, address, length, value) -> writes.clear()));
                guest.vm.ioEvents().uncoalescePorts(PORT, 4);
            });
            guest.uses(KvmCap.COALESCED_MMIO, () -> {
                guest.vm.ioEvents().coalesceMemory(MMIO, 4096);
                guest.vm.ioEvents().uncoalesceMemory(MMIO, 4096);
            });
        }
    }

    @Test
    void shouldLogThePagesThatTheGuestWrites() throws Throwable {
        // mov [0x3000], al; mov [0x7000], al; hlt
        try (TinyGuest guest = new TinyGuest(kvm, "a2 00 30 a2 00 70 f4")) {
            logDirtyPages(guest);
            guest.runTo(KvmExit.HLT);

            long[] dirty = guest.vm.dirtyLog().get(0, 512);

            assertEquals(8, dirty.length);
            assertEquals(1L << 3 | 1L << 7, dirty[0] & (1L << 3 | 1L << 7));
            assertEquals(0, guest.vm.dirtyLog().get(0, 512)[0] & 1L << 3, "a new interval");
        }
    }

    @Test
    void shouldClearTheDirtyLogInParts() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, "a2 00 30 a2 00 70 f4")) {
            guest.uses(KvmCap.MANUAL_DIRTY_LOG_PROTECT2, () -> {
                guest.vm.dirtyLog().enableManualClear();
                logDirtyPages(guest);
                guest.runTo(KvmExit.HLT);
                MemorySegment bitmap = guest.vm.arena().allocate(VmDirtyLog.bitmapSize(512), 8);
                guest.vm.dirtyLog().read(0, bitmap);
                bitmap.fill((byte) 0);
                bitmap.set(ValueLayout.JAVA_BYTE, 0, (byte) (1 << 3));

                guest.vm.dirtyLog().clear(0, 0, 64, bitmap);

                assertEquals(1L << 7, guest.vm.dirtyLog().get(0, 512)[0] & (1L << 3 | 1L << 7));
            });
        }
    }

    @Test
    void shouldCollectDirtyPagesFromTheRing() throws Throwable {
        try (TinyGuest probe = new TinyGuest(kvm, HLT)) {
            assertThrows(IllegalStateException.class, () -> probe.vm.dirtyLog().ring(probe.vcpu));
            KvmCap ring = probe.vm.checkExtension(KvmCap.DIRTY_LOG_RING_ACQ_REL) != 0 ? KvmCap.DIRTY_LOG_RING_ACQ_REL
                    : KvmCap.DIRTY_LOG_RING;
            probe.uses(ring, () -> collectFromRing());
        }
    }

    private void collectFromRing() {
        try (TinyGuest guest = new TinyGuest(kvm, "a2 00 30 a2 00 70 f4", vm -> vm.dirtyLog().enableRings(1024))) {
            DirtyRing ring = guest.vm.dirtyLog().ring(guest.vcpu);
            logDirtyPages(guest);
            guest.runTo(KvmExit.HLT);
            List<Long> pages = new ArrayList<>();

            int count = ring.collect((slot, page) -> pages.add(page));

            assertTrue(pages.containsAll(List.of(3L, 7L)), pages::toString);
            assertEquals(count, guest.vm.dirtyLog().resetRings());
            assertEquals(0, ring.collect((slot, page) -> pages.clear()));
        }
    }

    private static void logDirtyPages(TinyGuest guest) {
        guest.vm.setMemoryRegion(0, KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES, 0, TinyGuest.MEMORY_SIZE,
                guest.memory.regions().getFirst().hostAddress());
    }

    @Test
    void shouldAskUserSpaceForFilteredRegisters() throws Throwable {
        // mov ecx, 0x174; rdmsr; out 0x10, al; hlt
        try (TinyGuest guest = new TinyGuest(kvm, "66 b9 74 01 00 00 0f 32 e6 10 f4")) {
            guest.uses(KvmCap.X86_MSR_FILTER, () -> {
                guest.vm.enableCapability(KvmCap.X86_USER_SPACE_MSR, 4);
                KvmMsrFilter filter = new KvmMsrFilter();
                filter.range(0, KvmMsrFilter.READ | KvmMsrFilter.WRITE, 0x174, 3, new byte[1]);
                guest.vm.msrFilter(filter);
                guest.runTo(KvmExit.X86_RDMSR);
                assertEquals(new VcpuExit.Rdmsr(0x174, 4), VcpuExit.of(guest.vcpu.kvmRun()));

                guest.vcpu.kvmRun().msrData(0x5a);
                guest.runTo(KvmExit.IO);

                assertEquals(0x5a, guest.vcpu.regs().rax());
            });
        }
    }

    @Test
    void shouldTellStatisticsOfVmAndVcpu() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, "e6 10 f4")) {
            guest.uses(KvmCap.BINARY_STATS_FD, () -> {
                guest.runTo(KvmExit.IO);
                try (KvmStats stats = guest.vcpu.stats()) {
                    assertTrue(stats.read().stream().anyMatch(s -> s.name().equals("exits") && s.value() > 0));
                }
                try (KvmStats stats = guest.vm.stats()) {
                    assertFalse(stats.read().isEmpty());
                }
            });
        }
    }

    @Test
    void shouldCreateDevicesThatThisKvmHas() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, HLT)) {
            guest.uses(KvmCap.DEVICE_CTRL, () -> {
                if (guest.vm.hasDevice(KvmCreateDevice.TYPE_VFIO)) {
                    try (KvmDevice device = guest.vm.createDevice(KvmCreateDevice.TYPE_VFIO)) {
                        assertFalse(device.attributes().has(77, 77));
                    }
                }
                assertFalse(guest.vm.hasDevice(12345));
                assertThrows(LinuxException.class, () -> guest.vm.createDevice(12345));
            });
        }
    }

    @Test
    void shouldExitForWritesToReadOnlyMemory() throws Throwable {
        try (TinyGuest guest = new TinyGuest(kvm, "a2 00 30 f4")) {
            guest.uses(KvmCap.READONLY_MEM, () -> {
                long host = guest.memory.regions().getFirst().hostAddress();
                guest.vm.setMemoryRegion(0, 0, 0, 0, 0);
                guest.vm.setMemoryRegion(0, KvmUserspaceMemoryRegion.READONLY, 0, TinyGuest.MEMORY_SIZE, host);
                guest.runTo(KvmExit.MMIO);
                assertEquals(new VcpuExit.Mmio(true, 0x3000, 1, 0), VcpuExit.of(guest.vcpu.kvmRun()));
            });
        }
    }
}
