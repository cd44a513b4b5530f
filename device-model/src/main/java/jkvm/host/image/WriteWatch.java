package jkvm.host.image;

/** Hears what a disk's user writes, so that a copy of the disk can follow. */
public interface WriteWatch {
    /** A range is about to be written. Called on the user's thread, which may wait. */
    default void writing(long offset, long length) {
        // A copy that follows later need not know.
    }

    /** A range may have other content now: the request has ended, well or not. Called on the user's thread. */
    default void written(long offset, long length) {
        // A copy of an earlier moment need not know.
    }
}
