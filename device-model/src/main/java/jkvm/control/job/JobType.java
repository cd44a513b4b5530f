package jkvm.control.job;

/** The kinds of jobs. */
public enum JobType {
    /** Copies what an overlay holds into an image below it. */
    COMMIT("commit", true),
    /** Copies what the images below hold into an overlay. */
    STREAM("stream", true),
    /** Copies a disk, and what the guest writes to it meanwhile. */
    MIRROR("mirror", true),
    /** Copies a disk as it is at one moment. */
    BACKUP("backup", true),
    /** Makes an image. */
    CREATE("create", false),
    /** Loads a saved machine. */
    SNAPSHOT_LOAD("snapshot-load", false),
    /** Saves the machine. */
    SNAPSHOT_SAVE("snapshot-save", false),
    /** Deletes a saved machine. */
    SNAPSHOT_DELETE("snapshot-delete", false);

    private final String text;
    private final boolean isBlock;

    JobType(String text, boolean isBlock) {
        this.text = text;
        this.isBlock = isBlock;
    }

    /** The name in QMP. */
    public String text() {
        return text;
    }

    /** True for work on a disk that a device may have: told by {@code query-block-jobs} too, and by its own events. */
    public boolean isBlock() {
        return isBlock;
    }
}
