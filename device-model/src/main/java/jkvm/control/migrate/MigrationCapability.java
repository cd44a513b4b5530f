package jkvm.control.migrate;

import java.util.Optional;

/** The switches of migrations, as QEMU names them ({@code MigrationCapability} in QMP) and in its order. */
public enum MigrationCapability {
    XBZRLE("xbzrle", "differences of pages; compress makes them shorter"),
    RDMA_PIN_ALL("rdma-pin-all", "RDMA"),
    /** Slows the vCPUs down where they write faster than pages go over. */
    AUTO_CONVERGE("auto-converge"),
    /** Without effect: zero pages always go over without their bytes. */
    ZERO_BLOCKS("zero-blocks"),
    /** Deflates pages. */
    COMPRESS("compress"),
    /** Tells MIGRATION and MIGRATION_PASS. */
    EVENTS("events"),
    /** The machine may go on before all of its RAM has come: {@link Migration#startPostcopy()}. */
    POSTCOPY_RAM("postcopy-ram"),
    COLO("x-colo", "COLO"),
    RELEASE_RAM("release-ram", "release of RAM"),
    BLOCK("block", "migration of disks; share them, or copy them by jkvm img"),
    /** Without effect: over a connection that is two-way the target always answers. */
    RETURN_PATH("return-path"),
    /** Waits for the user when the guest stands. */
    PAUSE_BEFORE_SWITCHOVER("pause-before-switchover"),
    MULTIFD("multifd", "migration over several connections"),
    DIRTY_BITMAPS("dirty-bitmaps", "migration of bitmaps"),
    POSTCOPY_BLOCKTIME("postcopy-blocktime", "times of waits for pages"),
    /** The target takes the disks when it runs, not before. */
    LATE_BLOCK_ACTIVATE("late-block-activate", "late activation of disks"),
    IGNORE_SHARED("x-ignore-shared", "migration without shared RAM"),
    /** Without effect: the machine's configuration has to be the same anyway. */
    VALIDATE_UUID("validate-uuid"),
    BACKGROUND_SNAPSHOT("background-snapshot", "background snapshots"),
    ZERO_COPY_SEND("zero-copy-send", "sending without a copy"),
    POSTCOPY_PREEMPT("postcopy-preempt", "second connection for postcopy");

    private final String text;
    private final String missing;

    MigrationCapability(String text) {
        this(text, null);
    }

    MigrationCapability(String text, String missing) {
        this.text = text;
        this.missing = missing;
    }

    /** The name in QMP. */
    public String text() {
        return text;
    }

    /** The reason why it stays off; empty if it can be switched on. */
    public Optional<String> refusal() {
        return Optional.ofNullable(missing).map(part -> "not yet: " + text + ": jkvm has no " + part);
    }
}
