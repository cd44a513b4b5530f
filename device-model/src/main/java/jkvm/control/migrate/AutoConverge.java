package jkvm.control.migrate;

/** Slows the vCPUs down, more and more, where the guest writes faster than pages go over. For one thread. */
final class AutoConverge {
    private static final long PERCENT = 100;
    /** Passes in which that has to be so, as in QEMU. */
    private static final int PATIENCE = 2;

    private final MigrationSettings settings;
    private final VcpuThrottle throttle;
    private int fastPasses;

    AutoConverge(MigrationSettings settings, VcpuThrottle throttle) {
        this.settings = settings;
        this.throttle = throttle;
    }

    /** A pass has ended, and the rest does not fit into the downtime. */
    void passed(SendStatistics statistics) {
        if (!settings.has(MigrationCapability.AUTO_CONVERGE)) {
            return;
        }
        boolean isFast = statistics.dirtiedInPass() > statistics.sentInPass()
                * settings.number(MigrationParameter.THROTTLE_TRIGGER_THRESHOLD) / PERCENT;
        if (isFast && ++fastPasses >= PATIENCE) {
            fastPasses = 0;
            slowDown(statistics);
        }
    }

    private void slowDown(SendStatistics statistics) {
        long share = throttle.percent();
        long increment = settings.number(MigrationParameter.CPU_THROTTLE_INCREMENT);
        if (share == 0) {
            share = settings.number(MigrationParameter.CPU_THROTTLE_INITIAL);
        } else if (Boolean.TRUE.equals(settings.get(MigrationParameter.CPU_THROTTLE_TAILSLOW))) {
            // Just enough for the guest to write as much as its share of what goes over.
            long running = (PERCENT - share) * statistics.sentInPass() / Math.max(1, statistics.dirtiedInPass())
                    * settings.number(MigrationParameter.THROTTLE_TRIGGER_THRESHOLD) / PERCENT;
            share += Math.clamp(PERCENT - share - running, 0, increment);
        } else {
            share += increment;
        }
        throttle.set(Math.min(share, settings.number(MigrationParameter.MAX_CPU_THROTTLE)));
    }
}
