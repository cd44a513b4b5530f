package jkvm.host.usernet;

/**
 * Counters of the state that a user network holds, and of the packets that it dropped.
 *
 * @param tcpFlows     open connections
 * @param udpFlows     open ports of the guest
 * @param reassembling packets of which some fragments have come
 * @param neighbours   addresses that the guest uses
 * @param malformed    packets that were dropped because their headers or checksums are wrong, or their fragments do not
 *                     fit together or did not all come
 * @param refused      datagrams that may not go where they want, or that the host did not take
 * @param overrun      frames for the guest that were lost because it took none
 * @param failures     defects of this network itself, each survived
 */
public record UserStatistics(int tcpFlows, int udpFlows, int reassembling, int neighbours, long malformed,
        long refused, long overrun, long failures) {
}
