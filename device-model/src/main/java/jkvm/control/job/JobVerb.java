package jkvm.control.job;

/** The things that a user may ask of a job. */
enum JobVerb {
    CANCEL("cancel"),
    PAUSE("pause"),
    RESUME("resume"),
    SET_SPEED("set-speed"),
    COMPLETE("complete"),
    FINALIZE("finalize"),
    DISMISS("dismiss");

    private final String text;

    JobVerb(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** True if a job in this state takes it. */
    boolean isFor(JobStatus status) {
        return switch (this) {
            case CANCEL -> status.isAtWork() || status == JobStatus.WAITING || status == JobStatus.PENDING;
            case PAUSE, RESUME, SET_SPEED -> status.isAtWork();
            case COMPLETE -> status == JobStatus.READY;
            case FINALIZE -> status == JobStatus.PENDING;
            case DISMISS -> status == JobStatus.CONCLUDED;
        };
    }
}
