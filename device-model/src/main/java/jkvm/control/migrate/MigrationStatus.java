package jkvm.control.migrate;

/** How far a migration is, as QEMU names it ({@code MigrationStatus} in QMP). */
public enum MigrationStatus {
    /** There was none. */
    NONE("none"),
    /** It connects. */
    SETUP("setup"),
    /** The user cancels it. */
    CANCELLING("cancelling"),
    /** The user has cancelled it; the machine goes on. */
    CANCELLED("cancelled"),
    /** RAM goes over while the guest runs. */
    ACTIVE("active"),
    /** The guest stands and runs on the other side, which fetches the rest of its RAM. */
    POSTCOPY_ACTIVE("postcopy-active"),
    /** The connection has broken meanwhile. */
    POSTCOPY_PAUSED("postcopy-paused"),
    /** A new connection begins. */
    POSTCOPY_RECOVER("postcopy-recover"),
    /** The other side has all that it needs. */
    COMPLETED("completed"),
    /** It has failed. */
    FAILED("failed"),
    /** QEMU's, for fault tolerance; never here. */
    COLO("colo"),
    /** The guest stands, and the user is waited for. */
    PRE_SWITCHOVER("pre-switchover"),
    /** The states of devices go over. */
    DEVICE("device"),
    /** QEMU's, for network cards that leave first; never here. */
    WAIT_UNPLUG("wait-unplug");

    private final String text;

    MigrationStatus(String text) {
        this.text = text;
    }

    /** The name in QMP. */
    public String text() {
        return text;
    }

    /** True while there is something to wait for. */
    public boolean isUnderWay() {
        return switch (this) {
            case NONE, CANCELLED, COMPLETED, FAILED -> false;
            default -> true;
        };
    }
}
