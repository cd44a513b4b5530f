package jkvm.vm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmEnableCap;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Fd;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;

/**
 * A KVM, a VM and its vCPUs by their descriptors' numbers, for requests that {@link Vm} and {@link Vcpu} never send.
 */
final class RawKvm implements AutoCloseable {
    final Syscalls syscalls;
    final Arena arena = Arena.ofShared();
    final int system;
    int vm;

    RawKvm(Syscalls syscalls) {
        this.syscalls = syscalls;
        this.system = (int) syscalls.call(SyscallNumber.OPEN, arena.allocateFrom("/dev/kvm").address(), Fd.O_RDWR, 0, 0,
                0, 0);
        this.vm = (int) system(KvmIoctl.CREATE_VM, 0);
    }

    long system(KvmIoctl request, long argument) {
        return syscalls.ioctl(system, request.number(), argument);
    }

    long vm(KvmIoctl request, long argument) {
        return syscalls.ioctl(vm, request.number(), argument);
    }

    long vm(KvmIoctl request, MemorySegment argument) {
        return vm(request, argument.address());
    }

    /** Begins with another VM. */
    void renew() {
        syscalls.call(SyscallNumber.CLOSE, vm, 0, 0, 0, 0, 0);
        vm = (int) system(KvmIoctl.CREATE_VM, 0);
    }

    long enable(KvmCap capability, long argument) {
        MemorySegment enable = arena.allocate(KvmEnableCap.SIZE, 8);
        enable.set(ValueLayout.JAVA_INT, KvmEnableCap.CAP_OFFSET, capability.number());
        enable.set(ValueLayout.JAVA_LONG, KvmEnableCap.ARGS_OFFSET, argument);
        return vm(KvmIoctl.ENABLE_CAP, enable);
    }

    /** KVM_SET_USER_MEMORY_REGION. */
    long region(int slot, int flags, long gpa, long size, long host) {
        MemorySegment region = arena.allocate(32, 8);
        region.set(ValueLayout.JAVA_INT, 0, slot);
        region.set(ValueLayout.JAVA_INT, 4, flags);
        region.set(ValueLayout.JAVA_LONG, 8, gpa);
        region.set(ValueLayout.JAVA_LONG, 16, size);
        region.set(ValueLayout.JAVA_LONG, 24, host);
        return vm(KvmIoctl.SET_USER_MEMORY_REGION, region);
    }

    /** A struct of 32-bit words. */
    MemorySegment words(int... words) {
        MemorySegment segment = arena.allocate(Math.max(8, words.length * 4L), 8);
        MemorySegment.copy(words, 0, segment, ValueLayout.JAVA_INT, 0, words.length);
        return segment;
    }

    @Override
    public void close() {
        syscalls.call(SyscallNumber.CLOSE, vm, 0, 0, 0, 0, 0);
        syscalls.call(SyscallNumber.CLOSE, system, 0, 0, 0, 0, 0);
        arena.close();
    }
}
