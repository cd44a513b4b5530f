package jkvm.vm;

import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Errno;
import jkvm.linux.Syscalls;

/** Reads a CPUID table, whose length the kernel tells only by refusing too short a one. */
final class CpuidReader {
    private static final int FIRST_GUESS = 128;
    private static final int LIMIT = 4096;

    private CpuidReader() {
    }

    static KvmCpuid2 read(KvmFd fd, KvmIoctl request) {
        for (int capacity = FIRST_GUESS; ; capacity *= 2) {
            KvmCpuid2 cpuid = new KvmCpuid2(capacity);
            long result = fd.tryIoctl(request, cpuid);
            if (!Syscalls.isError(result)) {
                return cpuid;
            }
            if (result != -Errno.E2BIG.code() || capacity >= LIMIT) {
                throw fd.failure(request, (int) -result);
            }
        }
    }
}
