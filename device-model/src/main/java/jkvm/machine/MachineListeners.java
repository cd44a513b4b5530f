package jkvm.machine;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** Those who hear what happens to one machine. Any thread may add and remove; the machine's tells. */
final class MachineListeners {
    private final List<MachineListener> listeners = new CopyOnWriteArrayList<>();

    void add(MachineListener listener) {
        listeners.add(Objects.requireNonNull(listener));
    }

    void remove(MachineListener listener) {
        listeners.remove(listener);
    }

    /**
     * Tells an event. A listener that throws keeps neither the others nor the machine from going on.
     *
     * @param cause null for an event that has none
     */
    void tell(MachineEvent.Type type, ShutdownCause cause) {
        if (!listeners.isEmpty()) {
            tell(new MachineEvent(type, cause));
        }
    }

    /** Tells that a device is gone. */
    void tellDeleted(String device) {
        tell(new MachineEvent(MachineEvent.Type.DEVICE_DELETED, null, device, false));
    }

    /** Tells that a drive's tray has moved. */
    void tellTray(String device, boolean isOpen) {
        tell(new MachineEvent(MachineEvent.Type.DEVICE_TRAY_MOVED, null, device, isOpen));
    }

    private void tell(MachineEvent event) {
        for (MachineListener listener : listeners) {
            tell(listener, event);
        }
    }

    private static void tell(MachineListener listener, MachineEvent event) {
        try {
            listener.happened(event);
        } catch (RuntimeException e) {
            failed(event.type(), e);
        }
    }

    /** Tells a change of the machine's state, in the same way. */
    void tellChange(MachineState before, MachineState now) {
        for (MachineListener listener : listeners) {
            try {
                listener.changed(before, now);
            } catch (RuntimeException e) {
                failed(now, e);
            }
        }
    }

    private static void failed(Object at, RuntimeException cause) {
        System.getLogger("jkvm.machine").log(System.Logger.Level.ERROR, "a listener fails at " + at, cause);
    }
}
