package jkvm.control.migrate;

import java.net.SocketAddress;
import java.util.Optional;

/**
 * A migration at one moment. Times are in milliseconds, -1 where there is none.
 *
 * @param status    how far it is
 * @param error     why it failed
 * @param ram       the RAM of one that sends
 * @param totalTime since its begin, or what it took
 * @param setupTime until RAM went over
 * @param downtime  for which the guest stood, or is expected to
 * @param throttle  the share of time in percent for which vCPUs are kept from running
 * @param listensAt where one that receives waits for its peer
 */
public record MigrationProgress(MigrationStatus status, Optional<String> error, Optional<Ram> ram, long totalTime,
        long setupTime, long downtime, long throttle, Optional<SocketAddress> listensAt) {

    /** Bytes in a page. */
    public static final long PAGE = 4096;

    /**
     * What went over.
     *
     * @param total          bytes of RAM
     * @param remaining      bytes of pages that have to go over, as far as known
     * @param transferred    bytes that went over
     * @param beforeStop     those of them while the guest ran
     * @param zeroPages      pages without their bytes
     * @param pages          pages with their bytes
     * @param dirtyRate      pages that the guest wrote in a second
     * @param pageRate       pages that went over in a second
     * @param bitRate        million bits that went over in a second
     * @param passes         how often the pages that the guest wrote were looked at
     * @param requests       pages that the machine waited for on the other side
     * @param late           bytes that went over while it ran there
     */
    public record Ram(long total, long remaining, long transferred, long beforeStop, long zeroPages, long pages,
            long dirtyRate, long pageRate, double bitRate, long passes, long requests, long late) {

        /** Bytes that went over while the machine stood. */
        public long inDowntime() {
            return transferred - beforeStop - late;
        }
    }

    /** Nothing yet. */
    static final MigrationProgress NONE = new MigrationProgress(MigrationStatus.NONE, Optional.empty(),
            Optional.empty(), -1, -1, -1, 0, Optional.empty());

    static MigrationProgress of(MigrationStatus status, Optional<String> error) {
        return new MigrationProgress(status, error, Optional.empty(), -1, -1, -1, 0, Optional.empty());
    }
}
