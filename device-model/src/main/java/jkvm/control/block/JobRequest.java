package jkvm.control.block;

import java.util.Optional;
import jkvm.control.job.JobSpec;
import jkvm.control.job.JobType;
import jkvm.host.image.NodeException;

/**
 * The things that a user says of every job on a disk.
 *
 * @param id     empty for the name of the drive
 * @param speed  bytes a second at most; 0 for no limit
 */
public record JobRequest(Optional<String> id, long speed, ErrorPolicy policy, boolean finalizesByItself,
        boolean dismissesByItself) {
    /** As a person asks for it. */
    public static final JobRequest PLAIN = new JobRequest(Optional.empty(), 0, ErrorPolicy.REPORT, true, true);

    /**
     * The same with a limit.
     *
     * @param bytes a second; 0 for none
     */
    public JobRequest withSpeed(long bytes) {
        return new JobRequest(id, bytes, policy, finalizesByItself, dismissesByItself);
    }

    /**
     * The job.
     *
     * @param drive the name of the drive; empty if it has none
     * @throws NodeException if the speed is none
     */
    JobSpec spec(JobType type, String drive) {
        if (speed < 0) {
            throw new NodeException("Parameter 'speed' expects a non-negative value");
        }
        return new JobSpec(id.orElse(drive), type, finalizesByItself, dismissesByItself, speed);
    }
}
