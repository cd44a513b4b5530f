package jkvm.machine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.ImageDescription;
import jkvm.host.image.MediumSlot;
import jkvm.machine.board.MediumSlots;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.HotplugException.Kind;

/**
 * Changes the media of a machine's CD-ROM and floppy disk drives. Any thread may call; the machine acts on its own
 * thread. A drive is named by its device or by its {@code -drive}. A future completes when the machine has acted, or
 * with a {@link HotplugException} where it refuses, with a {@link jkvm.host.HostException} where the host does.
 *
 * <pre>{@code
 * machine.media().change("ide1-cd0", "second.iso", Optional.empty(), MachineMedia.Access.RETAIN, false).join();
 * machine.media().eject("ide1-cd0", false).join();
 * }</pre>
 */
public final class MachineMedia {
    private final MachineDevices devices;
    private final MediumSlots slots;

    /** Whether a medium can be written. */
    public enum Access {
        /** As the drive's kind and the medium before it say. */
        RETAIN,
        READ_ONLY,
        READ_WRITE
    }

    MachineMedia(MachineDevices devices, MediumSlots slots) {
        this.devices = devices;
        this.slots = slots;
    }

    /**
     * Opens a tray. A guest that has locked the medium is asked for it, and {@link MachineEvent.Type#DEVICE_TRAY_MOVED}
     * follows if it lets go.
     *
     * @param isForced even if it is locked
     */
    public CompletableFuture<Void> openTray(String drive, boolean isForced) {
        return devices.act(() -> slots.openTray(drive, isForced));
    }

    /** Closes a tray. */
    public CompletableFuture<Void> closeTray(String drive) {
        return devices.act(() -> slots.closeTray(drive));
    }

    /** Takes the medium out of an open tray. */
    public CompletableFuture<Void> remove(String drive) {
        return devices.act(() -> slots.remove(drive));
    }

    /** Puts a block node into an open tray. */
    public CompletableFuture<Void> insert(String drive, String node) {
        return devices.act(() -> slots.insertNode(drive, node));
    }

    /**
     * Opens the tray and takes the medium out.
     *
     * @param isForced even if the guest has locked it
     */
    public CompletableFuture<Void> eject(String drive, boolean isForced) {
        return devices.act(() -> slots.eject(drive, isForced));
    }

    /**
     * Puts an image in, in the place of the one that is in, and closes the tray.
     *
     * @param file     its name, as {@code -drive file=} takes it
     * @param format   empty takes it from the image's content
     * @param isForced even if the guest has locked the medium
     */
    public CompletableFuture<Void> change(String drive, String file, Optional<ImageFormat> format, Access access,
            boolean isForced) {
        ImageDescription image;
        try {
            image = ImageDescription.parse(file);
        } catch (ImageException e) {
            return CompletableFuture.failedFuture(new HotplugException(Kind.INVALID, file, e.getMessage()));
        }
        return devices.act(() -> {
            MediumSlot slot = slots.slot(drive);
            boolean isReadOnly = access == Access.READ_ONLY || access == Access.RETAIN
                    && slot.spec().map(spec -> spec.options().readOnly()).orElse(slot.hasTray());
            slots.change(drive, image, format, isReadOnly, isForced);
        });
    }
}
