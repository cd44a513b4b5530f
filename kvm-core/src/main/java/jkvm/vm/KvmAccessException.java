package jkvm.vm;

import jkvm.linux.LinuxException;

/** {@code /dev/kvm} cannot be used: absent, not permitted, no KVM, or the processor's virtualisation is taken. */
public final class KvmAccessException extends LinuxException {
    private static final long serialVersionUID = 1L;

    KvmAccessException(String call, int code, String hint) {
        super(call, code, hint);
    }
}
