/**
 * Live migration: a running machine goes on in another process. {@link Migration} is a machine's part in it, which
 * monitors steer and look at; {@link OutgoingMigration} sends, {@link IncomingMigration} receives. The stream is that
 * of {@link jkvm.machine.snapshot}; saving to a file or a pipe is the same with nobody at the other end.
 *
 * <p>RAM goes while the guest runs, then what it wrote meanwhile, pass after pass, until the rest fits into the
 * downtime that the user allows. Then the machine stops, and the rest and the devices' states follow. Over a connection
 * that is two-way the switch is a conversation ({@link SwitchMessage}), so that either side may die at any moment:
 *
 * <pre>
 * source                                   target
 * stops, sends the rest, END         -->   loads it, and stands
 *                                    <--   READY
 * gives up its disks, GO             -->   takes the disks, runs
 *                                    <--   RUNNING
 * </pre>
 *
 * <p>Until it says GO the source goes on by itself if anything fails. From then on it does not: the target may run.
 * It stands, and {@code cont} lets it go on where no other machine has its disks. The target runs after GO only. Over a
 * pipe or a file there are no answers: the source is done when all is written, the target runs at the stream's end.
 *
 * <p>What comes in is not trusted. A stream that is damaged, foreign or of another machine ends the machine that waits
 * for it, with one line and status 1.
 */
package jkvm.control.migrate;
