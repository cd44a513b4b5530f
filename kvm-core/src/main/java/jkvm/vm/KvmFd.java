package jkvm.vm;

import java.lang.ref.Reference;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmEnableCap;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmStruct;
import jkvm.linux.Errno;
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

    /**
     * Issues a request with a struct, which stays reachable, and so its memory alive, until the kernel has answered.
     */
    long ioctl(KvmIoctl request, KvmStruct argument) {
        long result = tryIoctl(request, argument);
        if (Syscalls.isError(result)) {
            throw failure(request, (int) -result);
        }
        return result;
    }

    /** Issues a request whose failure the caller handles: a negated errno. */
    long tryIoctl(KvmIoctl request, long argument) {
        return fd.tryIoctl(request.number(), argument);
    }

    /** Issues a request with a struct whose failure the caller handles: a negated errno. */
    long tryIoctl(KvmIoctl request, KvmStruct argument) {
        try {
            return fd.tryIoctl(request.number(), argument.address());
        } finally {
            Reference.reachabilityFence(argument);
        }
    }

    /** KVM_ENABLE_CAP. The kernel says EINVAL for absent and for misused capabilities alike; this tells them apart. */
    void enable(KvmCap capability, long... arguments) {
        KvmEnableCap enable = new KvmEnableCap();
        enable.cap(capability.number());
        for (int i = 0; i < arguments.length; i++) {
            enable.args(i, arguments[i]);
        }
        long result = tryIoctl(KvmIoctl.ENABLE_CAP, enable);
        if (Syscalls.isError(result)) {
            require(capability);
            throw new LinuxException("KVM_ENABLE_CAP " + capability.kernelName(), (int) -result);
        }
    }

    /** KVM_GET_STATS_FD. */
    KvmStats stats() {
        int number = (int) ioctl(KvmIoctl.GET_STATS_FD, 0);
        return new KvmStats(new Fd(fd.syscalls(), number, "statistics of " + fd.name()));
    }

    RuntimeException failure(KvmIoctl request, int errno) {
        KvmCap capability = request.capability();
        if (capability != null && checkExtension(capability) == 0) {
            return new MissingCapabilityException(capability);
        }
        return new LinuxException(request.kernelName(), errno, hint(request, Errno.of(errno)));
    }

    private static String hint(KvmIoctl request, Errno errno) {
        boolean controller = request.capability() == KvmCap.IRQCHIP;
        return switch (errno) {
            case ENXIO -> controller ? "the VM has no interrupt controller in the kernel: create it first" : "";
            case ENOENT -> request == KvmIoctl.CREATE_PIT2 ? "create the interrupt controllers first" : "";
            case EEXIST -> request == KvmIoctl.SET_USER_MEMORY_REGION ? "memory regions overlap"
                    : "the VM has it already";
            case EINVAL -> request == KvmIoctl.CREATE_IRQCHIP ? "create it before the first vCPU" : "";
            case ENOMEM -> "the host has no memory left for it";
            case EMFILE -> "raise the limit of open files: ulimit -n";
            case ENFILE -> "the host's limit of open files is reached: sysctl fs.file-max";
            default -> "";
        };
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
