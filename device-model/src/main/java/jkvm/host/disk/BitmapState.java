package jkvm.host.disk;

/**
 * A persistent bitmap that an image keeps.
 *
 * @param granularity how many bytes a bit stands for
 * @param enabled     whether it notes what is written
 * @param inUse       whether it tells nothing, as a writer has the image open or did not close it
 */
public record BitmapState(String name, long granularity, boolean enabled, boolean inUse) {
}
