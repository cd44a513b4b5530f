package jkvm.control.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import jkvm.control.job.JobControl.Wish;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class JobsTest {
    private final Jobs jobs = new Jobs();
    private final List<String> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() {
        jobs.addListener(event -> events.add(event instanceof JobEvent.StatusChange change
                ? change.job().status().text() : event.getClass().getSimpleName()));
    }

    @AfterEach
    void close() {
        jobs.close();
    }

    private static void keepUp(JobControl control) throws JobCancelledException {
        control.ready();
        while (control.await(1000) == Wish.GO_ON) {
            control.advance(1);
        }
    }

    private void awaitStatus(Job job, JobStatus status) throws InterruptedException {
        while (job.facts().status() != status) {
            Thread.sleep(1);
        }
    }

    private static String refusal(Runnable verb) {
        return assertThrows(JobException.class, verb::run).getMessage();
    }

    @Test
    void shouldTellEachStateOfAJobThatEndsWell() {
        Job job = jobs.start(JobSpec.of("j", JobType.CREATE), control -> {
            control.setTotal(3);
            control.advance(2);
        });
        job.awaitEnd();
        assertEquals(List.of("created", "running", "waiting", "pending", "Completed", "concluded"), events);
        assertEquals(2, job.facts().done());
        assertEquals(3, job.facts().total());
        assertEquals(Optional.empty(), job.facts().error());

        job.dismiss();
        assertEquals("null", events.getLast());
        assertEquals(List.of(), jobs.all());
    }

    @Test
    void shouldKeepTheErrorOfAJobThatFails() {
        Job job = jobs.start(new JobSpec("j", JobType.COMMIT, true, true, 0), _ -> {
            throw new IOException("No space left on device");
        });
        job.awaitEnd();
        assertEquals(List.of("created", "running", "aborting", "Completed", "concluded", "null"), events);
        assertEquals(Optional.of("No space left on device"), job.facts().error());
    }

    @Test
    void shouldWaitForTheUserToCompleteAJobThatIsReady() throws Exception {
        Job job = jobs.start(JobSpec.of("j", JobType.MIRROR), JobsTest::keepUp);
        awaitStatus(job, JobStatus.READY);
        assertTrue(job.facts().isReady());
        assertEquals("Job 'j' in state 'ready' cannot accept command verb 'dismiss'", refusal(job::dismiss));
        job.complete();
        job.awaitEnd();
        assertEquals(List.of("created", "running", "ready", "Ready", "waiting", "pending", "Completed", "concluded"),
                events);
    }

    @Test
    void shouldEndAReadyJobWellUnlessItIsCancelledByForce() throws Exception {
        Job kept = jobs.start(JobSpec.of("kept", JobType.MIRROR), JobsTest::keepUp);
        awaitStatus(kept, JobStatus.READY);
        kept.cancel(false);
        kept.awaitEnd();
        assertTrue(events.contains("Completed") && !events.contains("aborting"));

        Job forced = jobs.start(JobSpec.of("forced", JobType.MIRROR), JobsTest::keepUp);
        awaitStatus(forced, JobStatus.READY);
        forced.cancel(true);
        forced.awaitEnd();
        assertEquals(List.of("aborting", "Cancelled", "concluded"), events.subList(events.size() - 3, events.size()));
        assertEquals(Optional.of("Operation canceled"), forced.facts().error());
    }

    @Test
    void shouldPauseAndGoOn() throws Exception {
        Job job = jobs.start(JobSpec.of("j", JobType.MIRROR), JobsTest::keepUp);
        awaitStatus(job, JobStatus.READY);
        assertEquals("Can't resume a job that was not paused", refusal(job::resume));
        job.pause();
        assertEquals("Job is already paused", refusal(job::pause));
        awaitStatus(job, JobStatus.STANDBY);
        assertEquals("Job 'j' in state 'standby' cannot accept command verb 'complete'", refusal(job::complete));
        job.resume();
        awaitStatus(job, JobStatus.READY);
        job.pause();
        awaitStatus(job, JobStatus.STANDBY);
        job.cancel(true);
        job.awaitEnd();
        assertEquals(List.of("ready", "aborting", "Cancelled", "concluded"),
                events.subList(events.size() - 4, events.size()));
    }

    @Test
    void shouldNotGoFasterThanItsLimit() {
        long start = System.nanoTime();
        Job job = jobs.start(new JobSpec("j", JobType.COMMIT, true, false, 1000), control -> {
            control.advance(100);
            control.pausePoint();
        });
        job.awaitEnd();
        assertTrue(System.nanoTime() - start > 90_000_000);
    }

    @Test
    void shouldWaitForTheUserBeforeTheLastStepAndCancelAtTheEnd() throws Exception {
        Job job = jobs.start(new JobSpec("j", JobType.COMMIT, false, false, 0), _ -> { });
        awaitStatus(job, JobStatus.PENDING);
        job.conclude();
        assertEquals(JobStatus.CONCLUDED, job.facts().status());
        assertTrue(events.contains("Pending"));

        Job left = jobs.start(new JobSpec("left", JobType.COMMIT, false, false, 0), _ -> { });
        jobs.close();
        assertEquals(Optional.of("Operation canceled"), left.facts().error());
        assertEquals("the machine has ended", refusal(() -> jobs.check("next")));
    }

    @Test
    void shouldRefuseNamesThatAreNoneOrInUse() {
        Job job = jobs.start(JobSpec.of("a-1.b_c", JobType.CREATE), _ -> { });
        assertEquals("Job ID 'a-1.b_c' already in use", refusal(() -> jobs.check("a-1.b_c")));
        assertEquals("Invalid job ID '1a'", refusal(() -> jobs.check("1a")));
        assertEquals("Invalid job ID ''", refusal(() -> jobs.check("")));
        assertFalse(jobs.find("x").isPresent());
        job.awaitEnd();
    }
}
