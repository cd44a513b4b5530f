package jkvm.vm;

import jkvm.abi.KvmCap;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/** A KVM file descriptor whose failed requests are explained by the capability that they lack. */
final class KvmFd implements AutoCloseable {
    private final Fd fd;
    /** The descriptor that answers KVM_CHECK_EXTENSION: the system's or the VM's. */
    private final Fd extensions;

    KvmFd(Fd fd, Fd extensions) {
        this.fd = fd;
        this.extensions = extensions;
    }

    Fd fd() {
        return fd;
    }

    /**
     * Issues a request.
     *
     * @throws MissingCapabilityException if it failed and the kernel lacks the capability that it needs
     * @throws LinuxException             if it failed for another reason
     */
    long ioctl(KvmIoctl request, long argument) {
        long result = fd.tryIoctl(request.number(), argument);
        if (Syscalls.isError(result)) {
            throw failure(request, (int) -result);
        }
        return result;
    }

    /** Issues a request whose failure the caller handles: a negated errno. */
    long tryIoctl(KvmIoctl request, long argument) {
        return fd.tryIoctl(request.number(), argument);
    }

    RuntimeException failure(KvmIoctl request, int errno) {
        KvmCap capability = request.capability();
        if (capability != null && checkExtension(capability) == 0) {
            return new MissingCapabilityException(capability);
        }
        return new LinuxException(request.kernelName(), errno);
    }

    /** The value of a capability, zero if it is absent. */
    int checkExtension(KvmCap capability) {
        long result = extensions.tryIoctl(KvmIoctl.CHECK_EXTENSION.number(), capability.number());
        return Syscalls.isError(result) ? 0 : (int) result;
    }

    /** @throws MissingCapabilityException if the kernel lacks it */
    void require(KvmCap capability) {
        if (checkExtension(capability) == 0) {
            throw new MissingCapabilityException(capability);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
