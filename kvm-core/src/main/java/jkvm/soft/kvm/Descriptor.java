package jkvm.soft.kvm;

import jkvm.abi.KvmIoctl;

/** One file descriptor that {@link SoftKvm} gave out. Any thread may call. */
abstract class Descriptor {
    /** The error of a request that this kind of descriptor does not know. */
    private final int unknownRequest;

    Descriptor(int unknownRequest) {
        this.unknownRequest = unknownRequest;
    }

    /** {@code ioctl(2)}: a result or a negated errno. */
    long ioctl(long number, long argument) {
        KvmIoctl request = Requests.of(number);
        return request == null ? unknownRequest : answer(request, argument);
    }

    /** Answers a request; {@link #unknown()} for one of another kind of descriptor. */
    abstract long answer(KvmIoctl request, long argument);

    final int unknown() {
        return unknownRequest;
    }

    /** The descriptor is closed; its number may be in use for something else already. */
    abstract void closed();
}
