package jkvm.device.virtio.transport;

import jkvm.linux.EventFd;

/** Has the host signal an event descriptor when the guest writes to an address. Any thread may call. */
public interface DoorbellBinder {

    /** A host that cannot: each notification is an exit. */
    DoorbellBinder NONE = new DoorbellBinder() {
        @Override
        public boolean bind(EventFd event, long address, int length, boolean matches, int value) {
            return false;
        }

        @Override
        public void unbind(EventFd event, long address, int length, boolean matches, int value) {
            // Nothing was bound.
        }
    };

    /** @return false if the host refuses; then writes to the address go to the device's registers as others do */
    boolean bind(EventFd event, long address, int length, boolean matches, int value);

    /** Ends what {@link #bind} began with the same arguments. */
    void unbind(EventFd event, long address, int length, boolean matches, int value);
}
