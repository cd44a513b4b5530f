package jkvm.host.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import jkvm.host.disk.DiskImage;

/**
 * The slot of a drive whose medium comes and goes: an image or none, a tray if the drive has one, and the guest's lock.
 * The device reads and writes through it; the machine's thread changes the medium for the user.
 *
 * <p>Any thread may call. Only {@link #read}, {@link #write}, {@link #flush} and {@link #remove} wait, for the request
 * that is in progress: the guest's registers never do.
 */
public final class MediumSlot {
    private static final Drive NO_DRIVE = _ -> { };

    private final String device;
    private final Optional<String> drive;
    private final boolean hasTray;
    private final Object inUse = new Object();
    private volatile Medium medium;
    private final AtomicBoolean trayOpen = new AtomicBoolean();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile boolean locked;
    private volatile Drive user = NO_DRIVE;
    private volatile TrayListener trayListener = _ -> { };
    private BiFunction<DiskImage, DriveSpec, DiskImage> view = (image, _) -> image;

    /**
     * A medium.
     *
     * @param seen the image as the device sees it
     */
    private record Medium(DriveSpec spec, DiskImage image, DiskImage seen) {
    }

    /** The device that has the slot. */
    public interface Drive {
        /**
         * The user has put a medium in and closed the tray, or has opened the tray or taken the medium out. Called with
         * no lock held; does not wait.
         */
        void mediumChanged(boolean isPresent);

        /** The user wants a locked medium. */
        default void ejectRequested() {
            // A drive without a button tells nobody.
        }
    }

    /** Hears of the tray, whoever moves it. */
    @FunctionalInterface
    public interface TrayListener {
        /** Called on the thread that moves it, which may be a worker; must not wait. */
        void moved(boolean isOpen);
    }

    /**
     * An empty slot, its tray closed.
     *
     * @param device  the name of the device that has it
     * @param drive   the name of its drive, if it has one of its own
     * @param hasTray false for a drive like that of floppy disks
     */
    public MediumSlot(String device, Optional<String> drive, boolean hasTray) {
        this.device = device;
        this.drive = drive;
        this.hasTray = hasTray;
    }

    /** Lets the device hear of changes. Before the guest runs. */
    public void usedBy(Drive newUser) {
        user = newUser;
    }

    /** Lets the machine hear of the tray. Before the guest runs. */
    public void onTray(TrayListener listener) {
        trayListener = listener;
    }

    /** Puts something between the device and each image. Before the first medium is in, or it is put in anew. */
    public void seenThrough(BiFunction<DiskImage, DriveSpec, DiskImage> newView) {
        view = newView;
        Medium current = medium;
        if (current != null) {
            medium = new Medium(current.spec, current.image, newView.apply(current.image, current.spec));
        }
    }

    /** The name of the device that has the slot. */
    public String device() {
        return device;
    }

    /** The name of its drive; empty if it has none of its own. */
    public Optional<String> drive() {
        return drive;
    }

    public boolean hasTray() {
        return hasTray;
    }

    public boolean isTrayOpen() {
        return trayOpen.get();
    }

    public boolean isLocked() {
        return locked;
    }

    /** True if a medium is in, even in an open tray. */
    public boolean hasMedium() {
        return medium != null;
    }

    /** True if a medium can be read: it is in, and the tray is closed. */
    public boolean isReady() {
        return medium != null && !trayOpen.get();
    }

    /** A number that is another one after each change of the medium: a request that goes on after one must not. */
    public int changes() {
        return changes.get();
    }

    /** The medium as the user asked for it. */
    public Optional<DriveSpec> spec() {
        return Optional.ofNullable(medium).map(Medium::spec);
    }

    /** The image, for facts about it; empty without a medium. Requests go through the slot. */
    public Optional<DiskImage> image() {
        return Optional.ofNullable(medium).map(Medium::image);
    }

    /** In bytes; 0 without a medium. */
    public long capacity() {
        Medium current = medium;
        return current == null ? 0 : current.image.capacity();
    }

    /** True if the guest cannot write. */
    public boolean isReadOnly() {
        Medium current = medium;
        return current == null || current.image.isReadOnly();
    }

    /**
     * Reads as {@link DiskImage#read(long, MemorySegment, long, long)}.
     *
     * @throws NoMediumException if there is none to read
     * @throws IOException       if the host could not; also past the end of a medium that is shorter than it was
     */
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        synchronized (inUse) {
            ready(offset, length).read(offset, memory, at, length);
        }
    }

    /** Writes as {@link DiskImage#write(long, MemorySegment, long, long)}; throws as {@link #read} does. */
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        synchronized (inUse) {
            DiskImage image = ready(offset, length);
            if (image.isReadOnly()) {
                throw new IOException(image.name() + " is read-only");
            }
            image.write(offset, memory, at, length);
        }
    }

    /** Makes writes survive a loss of power; does nothing without a medium. */
    public void flush() throws IOException {
        synchronized (inUse) {
            Medium current = medium;
            if (current != null && !current.seen.isReadOnly()) {
                current.seen.flush();
            }
        }
    }

    private DiskImage ready(long offset, long length) throws IOException {
        Medium current = medium;
        if (current == null || trayOpen.get()) {
            throw new NoMediumException(device);
        }
        long capacity = current.seen.capacity();
        if (offset < 0 || length < 0 || offset > capacity || length > capacity - offset) {
            throw new IOException(current.seen.name() + ": past the end of the medium");
        }
        return current.seen;
    }

    /** The guest locks the medium in, or lets it go. */
    public void lock(boolean isLocked) {
        locked = isLocked;
    }

    /**
     * The guest opens or closes the tray.
     *
     * @return false if it is locked
     */
    public boolean moveTray(boolean isOpen) {
        if (isOpen && locked) {
            return false;
        }
        setTray(isOpen);
        return true;
    }

    /** Sets the tray as a saved state has it; nobody hears of it. */
    public void restore(boolean isOpen, boolean isLocked) {
        trayOpen.set(hasTray && isOpen);
        locked = isLocked;
    }

    private void setTray(boolean isOpen) {
        if (hasTray && trayOpen.compareAndSet(!isOpen, isOpen)) {
            changes.incrementAndGet();
            trayListener.moved(isOpen);
        }
    }

    /**
     * The user opens the tray: pulls the medium out a little, which a device without a tray does not hear of.
     *
     * @param isForced even if the guest has locked it
     * @return false if it is locked; the device has been told of the wish
     */
    public boolean openTray(boolean isForced) {
        if (!hasTray || trayOpen.get()) {
            return true;
        }
        boolean wasLocked = locked;
        if (wasLocked) {
            user.ejectRequested();
        }
        if (wasLocked && !isForced) {
            return false;
        }
        locked = false;
        setTray(true);
        user.mediumChanged(false);
        return true;
    }

    /** The user closes the tray. */
    public void closeTray() {
        if (hasTray && trayOpen.get()) {
            setTray(false);
            user.mediumChanged(medium != null);
        }
    }

    /**
     * The user puts a medium into the empty slot. The device hears of it when the tray closes, or now without one.
     *
     * @throws IllegalStateException if there is one
     */
    public void insert(DriveSpec spec, DiskImage image) {
        if (medium != null) {
            throw new IllegalStateException(device + " has a medium");
        }
        changes.incrementAndGet();
        medium = new Medium(spec, image, view.apply(image, spec));
        if (!hasTray) {
            user.mediumChanged(true);
        }
    }

    /** The user takes the medium out; returns when no request uses it any more. Does nothing to an empty slot. */
    public void remove() {
        if (medium == null) {
            return;
        }
        changes.incrementAndGet();
        synchronized (inUse) {
            medium = null;
        }
        if (!hasTray) {
            user.mediumChanged(false);
        }
    }
}
