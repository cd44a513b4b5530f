package jkvm.device.scsi;

/** Places on a CD in minutes, seconds and frames. */
final class DiscTime {
    private static final int FRAMES = 75;
    private static final int SECONDS = 60;
    /** The first block is two seconds after the start. */
    private static final int LEAD_IN_FRAMES = 2 * FRAMES;

    private DiscTime() {
    }

    /** Puts the place of a block into three bytes. */
    static void put(byte[] to, int at, long block) {
        long frames = block + LEAD_IN_FRAMES;
        to[at] = (byte) (frames / FRAMES / SECONDS);
        to[at + 1] = (byte) (frames / FRAMES % SECONDS);
        to[at + 2] = (byte) (frames % FRAMES);
    }
}
