package jkvm.control.job;

/**
 * A job as the user asks for it.
 *
 * @param id                 its name; a letter, then letters, digits, {@code -}, {@code .} and {@code _}
 * @param finalizesByItself  false if it waits {@linkplain JobStatus#PENDING pending} until the user finalizes it
 * @param dismissesByItself  false if it stays {@linkplain JobStatus#CONCLUDED concluded} until the user dismisses it
 * @param speed              bytes a second at most; 0 for no limit
 */
public record JobSpec(String id, JobType type, boolean finalizesByItself, boolean dismissesByItself, long speed) {

    /** A job without a limit that finalizes by itself, and that the user dismisses. */
    public static JobSpec of(String id, JobType type) {
        return new JobSpec(id, type, true, false, 0);
    }
}
