/**
 * Work that a user starts and that goes on while he does other things: QEMU's jobs, with their states, verbs and
 * events. {@link jkvm.control.job.Jobs} has those of a machine; {@link jkvm.control.job.JobTask} is what one does.
 *
 * <p>Threads: each job has a worker of its own, which is none of the machine's: it goes on while the machine is paused,
 * and may wait for the machine. Events are told in the order in which they happen.
 */
package jkvm.control.job;
