package jkvm.soft.kvm;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmMsrList;
import jkvm.abi.KvmMsrs;

/** {@code /dev/kvm}: requests that concern no VM. */
final class SystemDescriptor extends SoftDescriptor {
    private static final Set<KvmIoctl> REQUESTS = Collections.unmodifiableSet(EnumSet.of(KvmIoctl.GET_API_VERSION,
            KvmIoctl.CREATE_VM, KvmIoctl.CHECK_EXTENSION, KvmIoctl.GET_VCPU_MMAP_SIZE, KvmIoctl.GET_MSR_INDEX_LIST,
            KvmIoctl.GET_MSR_FEATURE_INDEX_LIST, KvmIoctl.GET_MSRS, KvmIoctl.GET_SUPPORTED_CPUID,
            KvmIoctl.X86_GET_MCE_CAP_SUPPORTED));
    private static final int API_VERSION = 12;

    SystemDescriptor(SoftKvm kvm) {
        super(kvm, REQUESTS, NegatedErrno.EINVAL);
    }

    @Override
    long answer(KvmIoctl request, long argument) {
        return switch (request) {
            case GET_API_VERSION -> argument != 0 ? NegatedErrno.EINVAL : API_VERSION;
            case GET_VCPU_MMAP_SIZE -> argument != 0 ? NegatedErrno.EINVAL : SoftVcpu.SHARED_PAGES * ProcessMemory.PAGE;
            case CREATE_VM -> argument != 0 ? NegatedErrno.EINVAL : SoftVm.create(kvm);
            case CHECK_EXTENSION -> Capabilities.value(argument);
            case GET_MSR_INDEX_LIST -> list(argument, MsrLists.saved());
            case GET_MSR_FEATURE_INDEX_LIST -> list(argument, MsrLists.features());
            case GET_MSRS -> featureMsrs(argument);
            case GET_SUPPORTED_CPUID -> CpuidTable.supported(argument, kvm.hostMemory());
            default -> mceCapability(argument);
        };
    }

    private long list(long address, int[] indices) {
        int room = ProcessMemory.getInt(address + KvmMsrList.NMSRS_OFFSET);
        ProcessMemory.setInt(address + KvmMsrList.NMSRS_OFFSET, indices.length);
        if (Integer.compareUnsigned(room, indices.length) < 0) {
            return NegatedErrno.E2BIG;
        }
        if (!kvm.hostMemory().isWritable(address + KvmMsrList.INDICES_OFFSET, 4L * indices.length)) {
            return NegatedErrno.EFAULT;
        }
        for (int i = 0; i < indices.length; i++) {
            ProcessMemory.setInt(address + KvmMsrList.INDICES_OFFSET + 4L * i, indices[i]);
        }
        return 0;
    }

    /** Answers with how many were read before the first that is no feature register. */
    private long featureMsrs(long address) {
        int count = ProcessMemory.getInt(address + KvmMsrs.NMSRS_OFFSET);
        if (Integer.compareUnsigned(count, MsrLists.MAX_ENTRIES) >= 0) {
            return NegatedErrno.E2BIG;
        }
        if (!kvm.hostMemory().isWritable(address, KvmMsrs.ENTRIES_OFFSET + count * KvmMsrs.ENTRY_SIZE)) {
            return NegatedErrno.EFAULT;
        }
        for (int i = 0; i < count; i++) {
            long entry = address + KvmMsrs.ENTRIES_OFFSET + i * KvmMsrs.ENTRY_SIZE;
            int index = ProcessMemory.getInt(entry + KvmMsrs.ENTRY_INDEX_OFFSET);
            if (!MsrLists.isFeature(index)) {
                return i;
            }
            ProcessMemory.setLong(entry + KvmMsrs.ENTRY_DATA_OFFSET, MsrLists.feature(index));
        }
        return count;
    }

    private static long mceCapability(long address) {
        ProcessMemory.setLong(address, MachineChecks.SUPPORTED | Capabilities.MCE_BANKS);
        return 0;
    }
}
