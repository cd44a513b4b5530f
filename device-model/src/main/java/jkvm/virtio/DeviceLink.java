package jkvm.virtio;

/** What a device may ask of its transport. Any thread may call, a device's lock held. */
public interface DeviceLink {

    /** Has a queue served soon, on its thread. */
    void wake(int queue);

    /** The configuration space has changed; the driver is told. */
    void configChanged();
}
