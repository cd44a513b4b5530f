package jkvm.control.qmp;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import jkvm.control.job.Job;
import jkvm.control.job.JobControl.ErrorAction;
import jkvm.control.job.JobEvent;
import jkvm.control.job.JobException;
import jkvm.control.job.JobFacts;
import jkvm.control.job.JobStatus;
import jkvm.control.job.JobType;
import jkvm.control.job.Jobs;
import jkvm.control.qmp.QmpException.Kind;

/** Commands and events of jobs: all of them, and those of disks under the names that they had first. */
final class JobCommands {
    private static final Argument<String> ID = Argument.required("id", Types.STR);
    private static final Argument<String> DEVICE = Argument.required("device", Types.STR);
    private static final Argument<Long> SPEED = Argument.required("speed", Types.INT);
    private static final Argument<Boolean> FORCE = Argument.optional("force", Types.BOOL);

    private static final Types.Choice<JobType> TYPE = Types.choice("JobType", JobType.values(), JobType::text);
    private static final Types.Choice<JobStatus> STATUS =
            Types.choice("JobStatus", JobStatus.values(), JobStatus::text);
    private static final Types.Choice<ErrorAction> ACTION = Types.choice("BlockErrorAction", ErrorAction.values(),
            action -> switch (action) {
                case IGNORE -> "ignore";
                case REPORT -> "report";
                case STOP -> "stop";
            });
    private static final Struct<JobFacts> JOB = Struct.<JobFacts>named("JobInfo")
            .with("id", Types.STR, JobFacts::id)
            .with("type", TYPE, JobFacts::type)
            .with("status", STATUS, JobFacts::status)
            .with("current-progress", Types.INT, JobFacts::done)
            .with("total-progress", Types.INT, JobFacts::total)
            .optionally("error", Types.STR, JobFacts::error);
    private static final Struct<JobFacts> BLOCK_JOB = Struct.<JobFacts>named("BlockJobInfo")
            .with("type", Types.STR, job -> job.type().text())
            .with("device", Types.STR, JobFacts::id)
            .with("len", Types.INT, JobFacts::total)
            .with("offset", Types.INT, JobFacts::done)
            .flag("busy", JobFacts::isBusy)
            .flag("paused", JobFacts::isPaused)
            .with("speed", Types.INT, JobFacts::speed)
            .with("io-status", Types.choice("BlockDeviceIoStatus", List.of("ok", "failed", "nospace")), _ -> "ok")
            .flag("ready", JobFacts::isReady)
            .with("status", STATUS, JobFacts::status)
            .flag("auto-finalize", job -> job.spec().finalizesByItself())
            .flag("auto-dismiss", job -> job.spec().dismissesByItself())
            .optionally("error", Types.STR, JobFacts::error);

    private static final EventType<JobFacts> STATUS_CHANGE = new EventType<>("JOB_STATUS_CHANGE",
            Struct.<JobFacts>named("JobStatusChange").with("id", Types.STR, JobFacts::id)
                    .with("status", STATUS, JobFacts::status));
    private static final EventType<JobFacts> COMPLETED = new EventType<>("BLOCK_JOB_COMPLETED",
            progress("BlockJobCompleted").optionally("error", Types.STR, JobFacts::error));
    private static final EventType<JobFacts> CANCELLED = new EventType<>("BLOCK_JOB_CANCELLED",
            progress("BlockJobCancelled"));
    private static final EventType<JobFacts> READY = new EventType<>("BLOCK_JOB_READY", progress("BlockJobReady"));
    private static final EventType<JobFacts> PENDING = new EventType<>("BLOCK_JOB_PENDING",
            Struct.<JobFacts>named("BlockJobPending").with("type", TYPE, JobFacts::type)
                    .with("id", Types.STR, JobFacts::id));
    private static final EventType<JobEvent.Failure> ERROR = new EventType<>("BLOCK_JOB_ERROR",
            Struct.<JobEvent.Failure>named("BlockJobError").with("device", Types.STR, event -> event.job().id())
                    .with("operation", Types.choice("IoOperationType", List.of("read", "write")),
                            event -> event.isRead() ? "read" : "write")
                    .with("action", ACTION, JobEvent.Failure::action));

    private final Jobs jobs;
    private final QmpEvents events;

    JobCommands(Jobs jobs, QmpEvents events) {
        this.jobs = jobs;
        this.events = events;
        List.of(STATUS_CHANGE, COMPLETED, CANCELLED, READY, PENDING, ERROR).forEach(events::declare);
        jobs.addListener(this::happened);
    }

    private static Struct<JobFacts> progress(String name) {
        return Struct.<JobFacts>named(name)
                .with("type", TYPE, JobFacts::type)
                .with("device", Types.STR, JobFacts::id)
                .with("len", Types.INT, JobFacts::total)
                .with("offset", Types.INT, JobFacts::done)
                .with("speed", Types.INT, JobFacts::speed);
    }

    private void happened(JobEvent event) {
        if (event instanceof JobEvent.StatusChange change) {
            events.tell(STATUS_CHANGE, change.job());
        } else if (event.job().type().isBlock()) {
            switch (event) {
                case JobEvent.Ready ready -> events.tell(READY, ready.job());
                case JobEvent.Pending pending -> events.tell(PENDING, pending.job());
                case JobEvent.Completed end -> events.tell(COMPLETED, end.job());
                case JobEvent.Cancelled end -> events.tell(CANCELLED, end.job());
                case JobEvent.Failure failure -> events.tell(ERROR, failure);
                case JobEvent.StatusChange _ -> { }
            }
        }
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-jobs").answers(Types.listOf(JOB)), _ -> facts(false));
        verb(table, "job-pause", Job::pause);
        verb(table, "job-resume", Job::resume);
        verb(table, "job-cancel", job -> job.cancel(true));
        verb(table, "job-complete", Job::complete);
        verb(table, "job-finalize", Job::conclude);
        verb(table, "job-dismiss", Job::dismiss);
        table.query(Declaration.of("query-block-jobs").answers(Types.listOf(BLOCK_JOB)), _ -> facts(true));
        blockVerb(table, "block-job-pause", DEVICE, Job::pause);
        blockVerb(table, "block-job-resume", DEVICE, Job::resume);
        blockVerb(table, "block-job-complete", DEVICE, Job::complete);
        blockVerb(table, "block-job-finalize", ID, Job::conclude);
        blockVerb(table, "block-job-dismiss", ID, Job::dismiss);
        table.add(Declaration.of("block-job-cancel").takes(DEVICE, FORCE), arguments -> act(
                blockJob(arguments.get(DEVICE)), job -> job.cancel(arguments.find(FORCE).orElse(false))));
        table.add(Declaration.of("block-job-set-speed").takes(DEVICE, SPEED), arguments -> act(
                blockJob(arguments.get(DEVICE)), job -> job.limit(arguments.get(SPEED))));
    }

    private List<JobFacts> facts(boolean areBlockJobs) {
        return jobs.all().stream().map(Job::facts).filter(job -> !areBlockJobs || job.type().isBlock()).toList();
    }

    private void verb(CommandTable table, String name, Consumer<Job> verb) {
        table.add(Declaration.of(name).takes(ID), arguments -> {
            Optional<Job> job = jobs.find(arguments.get(ID));
            act(job.orElseThrow(() -> new QmpException("Job not found")), verb);
        });
    }

    private void blockVerb(CommandTable table, String name, Argument<String> id, Consumer<Job> verb) {
        table.add(Declaration.of(name).takes(id), arguments -> act(blockJob(arguments.get(id)), verb));
    }

    private Job blockJob(String id) throws QmpException {
        return jobs.find(id).filter(job -> job.facts().type().isBlock()).orElseThrow(() ->
                new QmpException(Kind.DEVICE_NOT_ACTIVE, "Block job '" + id + "' not found"));
    }

    private static void act(Job job, Consumer<Job> verb) throws QmpException {
        try {
            verb.accept(job);
        } catch (JobException e) {
            throw new QmpException(e.getMessage());
        }
    }
}
