package jkvm.device.floppy;

import java.util.Optional;
import jkvm.bus.Device;
import jkvm.host.image.MediumSlot;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * One drive: where its heads are, which disk is in it, whether that has changed. The lock of its controller guards it.
 */
final class FloppyDrive implements Device {
    private static final int MAX_POSITION = 0xFF;
    private static final int STATE_VERSION = 1;
    private static final int MAX_PERPENDICULAR = 7;

    /** What came of moving the heads to a sector. */
    enum Seek {
        DONE,
        /** The heads have moved. */
        MOVED,
        NO_TRACK,
        NO_SECTOR
    }

    private final String name;
    private final Optional<MediumSlot> slot;
    private FloppyDriveType type;
    private FloppyLayout format = FloppyLayout.ABSENT;
    /** The change line: set until the heads move over a disk. */
    private boolean changed = true;
    private int perpendicular;
    private int head;
    private int track;
    private int sector = 1;

    /**
     * @param slot empty for no drive
     * @param type {@link #settle} makes another one of {@link FloppyDriveType#AUTO}
     */
    FloppyDrive(String name, Optional<MediumSlot> slot, FloppyDriveType type) {
        this.name = name;
        this.slot = slot;
        this.type = slot.isEmpty() ? FloppyDriveType.NONE : type;
        revalidate();
    }

    static FloppyDrive absent() {
        return new FloppyDrive("", Optional.empty(), FloppyDriveType.NONE);
    }

    @Override
    public String name() {
        return name;
    }

    /** The disk has changed. */
    void mediumChanged() {
        changed = true;
        revalidate();
    }

    /**
     * Makes up its mind which type it is.
     *
     * @param usual    where it does not know
     * @param fallback where its disk does not tell, or there is none
     */
    void settle(FloppyDriveType usual, FloppyDriveType fallback) {
        FloppyDriveType asked = type == FloppyDriveType.AUTO ? usual : type;
        type = FloppyLayout.driveFor(asked, slot.filter(MediumSlot::hasMedium).map(MediumSlot::capacity).orElse(-1L),
                fallback);
        revalidate();
    }

    private void revalidate() {
        if (!isPresent() || type == FloppyDriveType.AUTO) {
            format = FloppyLayout.ABSENT;
        } else {
            format = hasMedium() ? FloppyLayout.of(type, slot.get().capacity()) : FloppyLayout.EMPTY;
        }
    }

    FloppyDriveType type() {
        return type;
    }

    boolean isPresent() {
        return type != FloppyDriveType.NONE;
    }

    boolean hasMedium() {
        return isPresent() && slot.get().hasMedium();
    }

    boolean isWriteProtected() {
        return !hasMedium() || slot.get().isReadOnly();
    }

    boolean isChanged() {
        return changed;
    }

    /** There is one: {@link #isPresent} says so. */
    MediumSlot slot() {
        return slot.orElseThrow();
    }

    FloppyLayout format() {
        return format;
    }

    int head() {
        return head;
    }

    void head(int selected) {
        head = selected;
    }

    int track() {
        return track;
    }

    void track(int restored) {
        track = restored;
    }

    int sector() {
        return sector;
    }

    int perpendicular() {
        return perpendicular;
    }

    void perpendicular(int bits) {
        perpendicular = bits;
    }

    /** The sector under the heads, as a byte of the image. */
    long offset() {
        return offset(track, head, sector);
    }

    /** A sector of the layout, as a byte of the image. */
    long offset(int ofTrack, int ofHead, int ofSector) {
        return (((long) ofTrack * format.heads() + ofHead) * format.sectors() + ofSector - 1)
                * FloppyLayout.SECTOR_SIZE;
    }

    /** Moves the heads to a sector, which an implied seek does too. */
    Seek seek(int toHead, int toTrack, int toSector) {
        if (toTrack > format.tracks() || toHead >= format.heads()) {
            return Seek.NO_TRACK;
        }
        if (toSector < 1 || toSector > format.sectors()) {
            return Seek.NO_SECTOR;
        }
        head = toHead;
        sector = toSector;
        boolean moves = step(toTrack);
        if (!hasMedium()) {
            return Seek.NO_TRACK;
        }
        return moves ? Seek.MOVED : Seek.DONE;
    }

    /** Moves the heads to a track, if the drive has it. */
    boolean step(int toTrack) {
        if (toTrack == track || toTrack > format.tracks()) {
            return false;
        }
        track = toTrack;
        if (hasMedium()) {
            changed = false;
        }
        return true;
    }

    /** The disk turns to the next sector. */
    void turn() {
        sector = format.sectors() == 0 ? 1 : sector % format.sectors() + 1;
    }

    /** The heads go to track 0. Which disk there is, and whether it has been changed, stays. */
    @Override
    public void reset() {
        head = 0;
        sector = 1;
        step(0);
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBoolean("changed", changed);
        out.putInt("perpendicular", perpendicular);
        out.putInt("head", head);
        out.putInt("track", track);
        out.putInt("sector", sector);
    }

    /** The disk belongs to the host side and is not part of the state. */
    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        changed = in.getBoolean("changed");
        perpendicular = in.getInt("perpendicular", 0, MAX_PERPENDICULAR);
        head = in.getInt("head", 0, 1);
        track = in.getInt("track", 0, MAX_POSITION);
        sector = in.getInt("sector", 1, MAX_POSITION);
    }
}
