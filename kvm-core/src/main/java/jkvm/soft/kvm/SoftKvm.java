package jkvm.soft.kvm;

import jkvm.linux.Syscalls;

/**
 * System calls with a KVM in them. {@code open("/dev/kvm")} gives a descriptor whose requests are answered here; all
 * calls that have nothing to do with KVM go on to the host. Any thread may call; each object is a KVM of its own.
 */
public final class SoftKvm implements Syscalls {
    private final Syscalls host;
    private final DescriptorTable descriptors = new DescriptorTable();

    /** @param host the system calls of the host, which needs no KVM */
    public SoftKvm(Syscalls host) {
        this.host = host;
    }

    @Override
    public long ioctl(int fd, long request, long argument) {
        Descriptor descriptor = descriptors.get(fd);
        return descriptor != null ? descriptor.ioctl(request, argument) : host.ioctl(fd, request, argument);
    }

    @Override
    public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        return host.call(number, a0, a1, a2, a3, a4, a5);
    }

    @Override
    public long installInterruptingSignal(int signal) {
        return host.installInterruptingSignal(signal);
    }
}
