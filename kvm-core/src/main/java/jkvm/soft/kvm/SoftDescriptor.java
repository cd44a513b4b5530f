package jkvm.soft.kvm;

import java.util.Set;
import jkvm.abi.KvmIoctl;

/** One file descriptor that {@link SoftKvm} gave out. Any thread may call. */
abstract class SoftDescriptor {
    private static final long WRITE = 1L << 30, READ = 2L << 30;

    final SoftKvm kvm;
    /** Its number while it is open. */
    int number;
    private final Set<KvmIoctl> requests;
    private final int unknownRequest;
    private final KnownPage arguments;

    /**
     * @param requests       what this kind of descriptor answers
     * @param unknownRequest the error of all other requests
     */
    SoftDescriptor(SoftKvm kvm, Set<KvmIoctl> requests, int unknownRequest) {
        this.kvm = kvm;
        this.requests = requests;
        this.unknownRequest = unknownRequest;
        this.arguments = new KnownPage(kvm);
    }

    /** {@code ioctl(2)}: a result or a negated errno. */
    long ioctl(long code, long argument) {
        KvmIoctl request = Requests.of(code);
        if (request == null || !requests.contains(request)) {
            return unknownRequest;
        }
        return isArgumentAccessible(request, argument) ? answer(request, argument) : NegatedErrno.EFAULT;
    }

    /** Answers a request that this kind of descriptor has; the struct that it points at is accessible. */
    abstract long answer(KvmIoctl request, long argument);

    /** A request's number tells how large its struct is and who writes it. */
    private boolean isArgumentAccessible(KvmIoctl request, long argument) {
        long code = request.number();
        long size = code >>> 16 & 0x3FFF;
        if ((code & (READ | WRITE)) == 0 || argument == 0 && allowsNull(request)) {
            return true;
        }
        return arguments.isAccessible(argument, size, (code & READ) != 0);
    }

    private static boolean allowsNull(KvmIoctl request) {
        return request == KvmIoctl.SET_SIGNAL_MASK || request == KvmIoctl.MEMORY_ENCRYPT_OP;
    }

    /** {@code read(2)} and {@code pread(2)}: brings the descriptor's file up to date, or refuses. */
    long beforeRead() {
        return NegatedErrno.EINVAL;
    }

    /** {@code write(2)}: the error. */
    long write() {
        return NegatedErrno.EINVAL;
    }

    /** True for a vCPU, whose file is shared memory. */
    boolean isMappable() {
        return false;
    }

    /** Called after the descriptor is closed; its number may be in use for another file already. */
    void closed() {
    }
}
