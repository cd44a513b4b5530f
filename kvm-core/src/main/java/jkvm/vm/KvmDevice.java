package jkvm.vm;

import jkvm.linux.Fd;

/** A device that KVM emulates in the kernel (KVM API 4.79). */
public final class KvmDevice implements AutoCloseable {
    private final Fd fd;

    KvmDevice(Fd fd) {
        this.fd = fd;
    }

    /** The attributes by which the device is configured and queried. */
    public KvmAttributes attributes() {
        return new KvmAttributes(fd);
    }

    @Override
    public void close() {
        fd.close();
    }
}
