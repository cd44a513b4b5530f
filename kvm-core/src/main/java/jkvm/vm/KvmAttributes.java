package jkvm.vm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import jkvm.abi.KvmDeviceAttr;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/** Attributes of a device or of a vCPU (KVM API 4.80). Any thread may call. */
public final class KvmAttributes {
    private final Fd fd;

    KvmAttributes(Fd fd) {
        this.fd = fd;
    }

    /** True where the device has the attribute (KVM_HAS_DEVICE_ATTR). */
    public boolean has(int group, long attribute) {
        return !Syscalls.isError(request(KvmIoctl.HAS_DEVICE_ATTR, group, attribute, 0));
    }

    /** Reads an attribute (KVM_GET_DEVICE_ATTR) into memory as large as the attribute asks for. */
    public void read(int group, long attribute, MemorySegment target) {
        check(KvmIoctl.GET_DEVICE_ATTR, group, attribute, target);
    }

    /** Sets an attribute (KVM_SET_DEVICE_ATTR) from memory as large as the attribute asks for. */
    public void write(int group, long attribute, MemorySegment source) {
        check(KvmIoctl.SET_DEVICE_ATTR, group, attribute, source);
    }

    /** Reads an attribute of 8 bytes. */
    public long readLong(int group, long attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            read(group, attribute, value);
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** Sets an attribute of 8 bytes. */
    public void writeLong(int group, long attribute, long value) {
        try (Arena arena = Arena.ofConfined()) {
            write(group, attribute, arena.allocateFrom(ValueLayout.JAVA_LONG, value));
        }
    }

    private void check(KvmIoctl request, int group, long attribute, MemorySegment data) {
        long result = request(request, group, attribute, data.address());
        Reference.reachabilityFence(data);
        if (Syscalls.isError(result)) {
            throw new LinuxException("%s %d.%d of %s".formatted(request.kernelName(), group, attribute, fd.name()),
                    (int) -result);
        }
    }

    private long request(KvmIoctl request, int group, long attribute, long address) {
        KvmDeviceAttr attr = new KvmDeviceAttr();
        attr.group(group);
        attr.attr(attribute);
        attr.addr(address);
        long result = fd.tryIoctl(request.number(), attr.address());
        Reference.reachabilityFence(attr);
        return result;
    }
}
