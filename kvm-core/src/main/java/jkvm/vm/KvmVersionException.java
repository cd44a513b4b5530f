package jkvm.vm;

/** A device speaks another version of KVM's API than {@link Kvm#API_VERSION}. */
public final class KvmVersionException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int version;

    KvmVersionException(String device, int version) {
        super(device + " has API version " + version + ", jkvm needs " + Kvm.API_VERSION);
        this.version = version;
    }

    /** The version that the device speaks. */
    public int version() {
        return version;
    }
}
