package jkvm.conformance;

import static jkvm.conformance.Subject.name;
import static jkvm.conformance.Subject.names;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmPitConfig;
import jkvm.abi.KvmPitState2;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSignalMask;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;

/** Descriptors, capabilities, and the order in which parts of a VM are made. */
final class DescriptorCases {
    private static final long TCGETS = 0x5401;
    private static final int UNKNOWN_CAP = 9999;

    private DescriptorCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(1, "an unknown request: system, VM, vCPU", DescriptorCases::unknownRequests),
                new ConformanceCase(1, "an argument that must be 0: API version, mmap size, KVM_RUN, KVM_NMI",
                        DescriptorCases::arguments),
                new ConformanceCase(2, "KVM_CREATE_VM of type 1, of type 1 << 32",
                        kvm -> names(kvm.system(KvmIoctl.CREATE_VM, 1), kvm.system(KvmIoctl.CREATE_VM, 1L << 32))),
                new ConformanceCase(2, "an unknown capability: checked, enabled, with flags", kvm -> names(
                        kvm.extension(UNKNOWN_CAP), kvm.enable(UNKNOWN_CAP, 0), kvm.enable(UNKNOWN_CAP, 1))),
                new ConformanceCase(3, "vCPU ids: 0, 0 again, 1 << 32, 4096, 4095", kvm -> names(kvm.createVcpu(0),
                        kvm.createVcpu(0), kvm.createVcpu(1L << 32), kvm.createVcpu(4096), kvm.createVcpu(4095))),
                new ConformanceCase(3, "a vCPU's id after its descriptor was closed", kvm -> {
                    long fd = kvm.vm(KvmIoctl.CREATE_VCPU, 5);
                    kvm.syscalls().call(SyscallNumber.CLOSE, fd, 0, 0, 0, 0, 0);
                    return name(kvm.vm(KvmIoctl.CREATE_VCPU, 5));
                }),
                new ConformanceCase(3, "limits: vCPU ids, coalescing page",
                        kvm -> names(kvm.extension(KvmCap.MAX_VCPU_ID.number()),
                                kvm.extension(KvmCap.COALESCED_MMIO.number()))),
                new ConformanceCase(4, "MAX_VCPU_ID enabled, again, a vCPU beyond", kvm -> names(
                        kvm.enable(KvmCap.MAX_VCPU_ID.number(), 0, 4), kvm.enable(KvmCap.MAX_VCPU_ID.number(), 0, 8),
                        kvm.createVcpu(4))),
                new ConformanceCase(4, "boot CPU 99999, after a vCPU", kvm -> {
                    long before = kvm.vm(KvmIoctl.SET_BOOT_CPU_ID, 99_999);
                    kvm.createVcpu(0);
                    return names(before, kvm.vm(KvmIoctl.SET_BOOT_CPU_ID, 0));
                }),
                new ConformanceCase(5, "size of a vCPU's mapping; mapping of the VM's descriptor", kvm -> names(
                        kvm.system(KvmIoctl.GET_VCPU_MMAP_SIZE, 0), map(kvm, kvm.vmFd(), 1, 0))),
                new ConformanceCase(5, "mappings of a vCPU: 100 pages, page 64", kvm -> {
                    kvm.createVcpu(0);
                    return name(Math.min(0, map(kvm, kvm.vcpuFd(0), 100, 0))) + " "
                            + name(Math.min(0, map(kvm, kvm.vcpuFd(0), 1, 64)));
                }),
                new ConformanceCase(8, "KVM_CREATE_IRQCHIP twice, after split, after a vCPU",
                        DescriptorCases::irqchipOrder),
                new ConformanceCase(8, "split irqchip: 4097 pins, 24, again, after a vCPU",
                        DescriptorCases::splitOrder),
                new ConformanceCase(9, "KVM_CREATE_PIT2: without chips, again; with split; KVM_GET_PIT2 without",
                        DescriptorCases::pitOrder),
                new ConformanceCase(10, "identity map and TSS after a vCPU; TSS at 0xffffd000, beyond 4 GiB",
                        DescriptorCases::addresses),
                new ConformanceCase(11, "unknown bits: MSR exits, x2APIC API, hypercalls", kvm -> names(
                        kvm.enable(KvmCap.X86_USER_SPACE_MSR.number(), 0, 8),
                        kvm.enable(KvmCap.X2APIC_API.number(), 0, 4),
                        kvm.enable(KvmCap.EXIT_HYPERCALL.number(), 0, 1))),
                new ConformanceCase(11, "DISABLE_EXITS: which, enabled after a vCPU; EXCEPTION_PAYLOAD with 77",
                        DescriptorCases::disabledExits),
                new ConformanceCase(12, "a signal mask of 4 bytes, of 8, none", DescriptorCases::signalMasks),
                new ConformanceCase(12, "KVM_MEMORY_ENCRYPT_OP without SEV",
                        kvm -> name(kvm.vm(KvmIoctl.MEMORY_ENCRYPT_OP, kvm.allocate(64).address()))),
                new ConformanceCase(13, "statistics: write, seek, header", DescriptorCases::statistics));
    }

    private static String disabledExits(Subject kvm) {
        long which = kvm.extension(KvmCap.X86_DISABLE_EXITS.number());
        kvm.createVcpu(0);
        return names(which, kvm.enable(KvmCap.X86_DISABLE_EXITS.number(), 0, 2),
                kvm.enable(KvmCap.EXCEPTION_PAYLOAD.number(), 0, 77));
    }

    private static String unknownRequests(Subject kvm) {
        kvm.createVcpu(0);
        long argument = kvm.allocate(64).address();
        return names(kvm.syscalls().ioctl(kvm.systemFd(), TCGETS, argument),
                kvm.syscalls().ioctl(kvm.vmFd(), TCGETS, argument),
                kvm.syscalls().ioctl(kvm.vcpuFd(0), TCGETS, argument));
    }

    private static String arguments(Subject kvm) {
        kvm.createVcpu(0);
        return names(kvm.system(KvmIoctl.GET_API_VERSION, 1), kvm.system(KvmIoctl.GET_VCPU_MMAP_SIZE, 1),
                kvm.vcpu(0, KvmIoctl.RUN, 1), kvm.vcpu(0, KvmIoctl.NMI, 1));
    }

    private static long map(Subject kvm, int fd, int pages, int page) {
        long address = kvm.syscalls().call(SyscallNumber.MMAP, 0, pages * 4096L, 3, 1, fd, page * 4096L);
        if (!Syscalls.isError(address)) {
            kvm.syscalls().call(SyscallNumber.MUNMAP, address, pages * 4096L, 0, 0, 0, 0);
        }
        return address;
    }

    private static String irqchipOrder(Subject kvm) {
        long first = kvm.vm(KvmIoctl.CREATE_IRQCHIP, 0);
        long second = kvm.vm(KvmIoctl.CREATE_IRQCHIP, 0);
        try (Subject split = new Subject(kvm.syscalls()); Subject late = new Subject(kvm.syscalls())) {
            split.enable(KvmCap.SPLIT_IRQCHIP.number(), 0, 24);
            late.createVcpu(0);
            return names(first, second, split.vm(KvmIoctl.CREATE_IRQCHIP, 0), late.vm(KvmIoctl.CREATE_IRQCHIP, 0));
        }
    }

    private static String splitOrder(Subject kvm) {
        int split = KvmCap.SPLIT_IRQCHIP.number();
        try (Subject late = new Subject(kvm.syscalls())) {
            late.createVcpu(0);
            return names(kvm.enable(split, 0, 4097), kvm.enable(split, 0, 24), kvm.enable(split, 0, 24),
                    late.enable(split, 0, 24));
        }
    }

    private static String pitOrder(Subject kvm) {
        KvmPitConfig config = new KvmPitConfig();
        long without = kvm.vm(KvmIoctl.GET_PIT2, new KvmPitState2());
        long first = kvm.vm(KvmIoctl.CREATE_PIT2, config);
        long second = kvm.vm(KvmIoctl.CREATE_PIT2, config);
        try (Subject split = new Subject(kvm.syscalls())) {
            split.enable(KvmCap.SPLIT_IRQCHIP.number(), 0, 24);
            return names(first, second, split.vm(KvmIoctl.CREATE_PIT2, config), without);
        }
    }

    private static String addresses(Subject kvm) {
        long tss = kvm.vm(KvmIoctl.SET_TSS_ADDR, 0xFFFFD000L);
        long beyond = kvm.vm(KvmIoctl.SET_TSS_ADDR, 1L << 32);
        kvm.createVcpu(0);
        return names(kvm.vm(KvmIoctl.SET_IDENTITY_MAP_ADDR, kvm.allocate(8).address()),
                tss, beyond);
    }

    private static String signalMasks(Subject kvm) {
        kvm.createVcpu(0);
        MemorySegment mask = kvm.allocate(KvmSignalMask.SIZE);
        mask.set(ValueLayout.JAVA_INT, 0, 4);
        long four = kvm.vcpu(0, KvmIoctl.SET_SIGNAL_MASK, mask.address());
        mask.set(ValueLayout.JAVA_INT, 0, 8);
        return names(four, kvm.vcpu(0, KvmIoctl.SET_SIGNAL_MASK, mask.address()),
                kvm.vcpu(0, KvmIoctl.SET_SIGNAL_MASK, 0));
    }

    private static String statistics(Subject kvm) {
        kvm.createVcpu(0);
        long fd = kvm.vcpu(0, KvmIoctl.GET_STATS_FD, 0);
        if (Syscalls.isError(fd)) {
            return name(fd);
        }
        MemorySegment buffer = kvm.allocate(KvmRegs.SIZE);
        String results = names(kvm.syscalls().call(SyscallNumber.WRITE, fd, buffer.address(), 1, 0, 0, 0),
                kvm.syscalls().call(SyscallNumber.LSEEK, fd, 100, 0, 0, 0, 0),
                kvm.syscalls().call(SyscallNumber.PREAD64, fd, buffer.address(), 24, 0, 0, 0));
        kvm.syscalls().call(SyscallNumber.CLOSE, fd, 0, 0, 0, 0, 0);
        return results + " name size %d id at %d".formatted(buffer.get(ValueLayout.JAVA_INT, 4),
                buffer.get(ValueLayout.JAVA_INT, 12));
    }
}
