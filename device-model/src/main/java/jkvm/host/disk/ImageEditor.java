package jkvm.host.disk;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/**
 * Changes an image as a whole: its size, its options, its internal snapshots, its bitmaps. The file has no other user
 * meanwhile.
 * After a crash at any moment a change has happened or has not, and the image is good; some clusters may be left that
 * nothing uses, and a bitmap whose bits were being written may be left in use.
 *
 * <p>A method that a format does not have throws {@link UnsupportedOperationException}.
 */
public interface ImageEditor {
    /**
     * Keeps the disk's content as a snapshot.
     *
     * @param name need not be unique; the snapshot's id is, and is chosen here
     */
    default void createSnapshot(String name, Instant date) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes the disk's content and size those of a snapshot.
     *
     * @param idOrName an id, or if there is none such the name of the first that has it
     * @throws IOException if there is no such snapshot
     */
    default void applySnapshot(String idOrName) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Gives up the first snapshot that has a name.
     *
     * @throws IOException if there is no such snapshot
     */
    default void deleteSnapshot(String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Changes the disk's size. A part cut off is lost, a new one reads as zeros. After a crash on the way the
     * image may have lost its bitmaps.
     *
     * @param size          in bytes; some formats want whole sectors
     * @param preallocation what room is taken for what is added; {@code OFF} where nothing is
     */
    default void resize(long size, Preallocation preallocation) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes the image name another backing file, or none, whether that is there or not; its own content stays.
     *
     * @param name   as it is to be stored
     * @param format as it is to be stored
     * @throws IOException if the format has no backing files, or there is no room for the name
     */
    default void setBacking(Optional<String> name, Optional<String> format) throws IOException {
        throw new IOException("Operation not supported");
    }

    /**
     * Changes options that the image was made with. All values are looked at before the first change; then each is
     * a change of its own.
     *
     * @param values  of {@link FormatDriver#amendOptions()}
     * @param force   whether a change may leave an image that nobody can open any more
     * @param percent hears how much is done, from 0 to 100
     * @throws IOException if a value is wrong, or the image cannot have it
     */
    default void amend(CreateValues values, boolean force, DoubleConsumer percent) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The persistent bitmaps that the image keeps. */
    default List<BitmapState> bitmaps() throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads a persistent bitmap of what was written to the disk. As all methods for bitmaps but {@link #removeBitmap}
     * it refuses one that a writer has left without closing the image.
     *
     * @throws IOException if there is no such bitmap
     */
    default DirtyBits bitmap(String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Adds a persistent bitmap that notes writes from now on.
     *
     * @param granularity how many bytes a bit stands for; 0 for the format's choice
     */
    default void addBitmap(String name, long granularity) throws IOException {
        throw new UnsupportedOperationException();
    }

    default void removeBitmap(String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Forgets what the bitmap has noted. */
    default void clearBitmap(String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Makes a bitmap note writes, or leave them. */
    default void enableBitmap(String name, boolean enabled) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Notes in a bitmap also what another has noted, of a disk of the same size. */
    default void mergeBitmap(String name, DirtyBits source) throws IOException {
        throw new UnsupportedOperationException();
    }
}
