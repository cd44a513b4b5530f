package jkvm.vm;

import jkvm.abi.KvmCap;

/** This kernel's KVM lacks a capability. The message names it and its purpose. */
public final class MissingCapabilityException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final KvmCap capability;

    MissingCapabilityException(KvmCap capability) {
        super("this KVM has no %s (%s)".formatted(capability.kernelName(), capability.use()));
        this.capability = capability;
    }

    /** The capability that this KVM lacks. */
    public KvmCap capability() {
        return capability;
    }
}
