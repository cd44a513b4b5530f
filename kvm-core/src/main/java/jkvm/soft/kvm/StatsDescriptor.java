package jkvm.soft.kvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmStatsDesc;
import jkvm.abi.KvmStatsHeader;
import jkvm.linux.SyscallNumber;

/** Statistics of a VM or a vCPU (KVM_GET_STATS_FD): a file whose values are written anew whenever it is read. */
final class StatsDescriptor extends SoftDescriptor {
    private static final int NAME_SIZE = 48;
    private static final int HEADER_END = 72;
    private static final String[] VM_NAMES = {"remote_tlb_flush"};

    private final SoftVm vm;
    /** Null for the VM's own. */
    private final SoftVcpu vcpu;
    private final String[] names;

    private StatsDescriptor(SoftKvm kvm, SoftVm vm, SoftVcpu vcpu) {
        super(kvm, Set.<KvmIoctl>of(), NegatedErrno.ENOTTY);
        this.vm = vm;
        this.vcpu = vcpu;
        this.names = vcpu == null ? VM_NAMES : VcpuStats.NAMES;
    }

    /** @return the descriptor's number, or a negated errno */
    static long create(SoftKvm kvm, SoftVm vm, SoftVcpu vcpu) {
        StatsDescriptor stats = new StatsDescriptor(kvm, vm, vcpu);
        return kvm.give(stats.size(), true, stats);
    }

    private int size() {
        return HEADER_END + names.length * ((int) KvmStatsDesc.SIZE + NAME_SIZE + Long.BYTES);
    }

    @Override
    long answer(KvmIoctl request, long argument) {
        return NegatedErrno.ENOTTY;
    }

    @Override
    long beforeRead() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocate(size(), Long.BYTES);
            int stride = (int) KvmStatsDesc.SIZE + NAME_SIZE;
            int data = HEADER_END + names.length * stride;
            file.set(ValueLayout.JAVA_INT, KvmStatsHeader.NAME_SIZE_OFFSET, NAME_SIZE);
            file.set(ValueLayout.JAVA_INT, KvmStatsHeader.NUM_DESC_OFFSET, names.length);
            file.set(ValueLayout.JAVA_INT, KvmStatsHeader.ID_OFFSET_OFFSET, (int) KvmStatsHeader.SIZE);
            file.set(ValueLayout.JAVA_INT, KvmStatsHeader.DESC_OFFSET_OFFSET, HEADER_END);
            file.set(ValueLayout.JAVA_INT, KvmStatsHeader.DATA_OFFSET_OFFSET, data);
            file.setString(KvmStatsHeader.SIZE, "kvm-" + kvm.processId() + (vcpu == null ? "" : "/vcpu-" + vcpu.id()));
            for (int i = 0; i < names.length; i++) {
                long desc = HEADER_END + (long) i * stride;
                file.set(ValueLayout.JAVA_SHORT, desc + KvmStatsDesc.SIZE_OFFSET, (short) 1);
                file.set(ValueLayout.JAVA_INT, desc + KvmStatsDesc.OFFSET_OFFSET, i * Long.BYTES);
                file.setString(desc + KvmStatsDesc.NAME_OFFSET, names[i]);
                file.set(ValueLayout.JAVA_LONG_UNALIGNED, data + (long) i * Long.BYTES,
                        vcpu == null ? vm.tlbFlushes() : vcpu.stats().value(i));
            }
            long written = kvm.host().call(SyscallNumber.PWRITE64, number, file.address(), file.byteSize(), 0, 0, 0);
            return Math.min(0, written);
        }
    }

    @Override
    long write() {
        return NegatedErrno.EBADF;
    }
}
