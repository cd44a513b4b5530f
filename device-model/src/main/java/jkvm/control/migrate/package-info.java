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
 * <p>With post-copy ({@link Migration#startPostcopy()}) the machine stops at once and goes on there before its RAM has
 * come, so that one which writes faster than pages go over moves too:
 *
 * <pre>
 * source ({@link PostcopySource})          target ({@link PostcopyTarget})
 * stops, list of missing pages,
 * devices, then page after page      -->   loads them; what needs a missing page waits for it
 * that page before others            <--   PAGE
 *                                    <--   READY
 * gives up its disks, GO             -->   takes the disks, runs
 *                                    <--   RUNNING
 * the last page, END                 -->   is whole
 *                                    <--   RECEIVED
 * </pre>
 *
 * <p>From GO on neither side has a whole machine until the end. Where the connection breaks in between the source does
 * not go on, nor does {@code cont} let it; the target stands, and what waits for pages is let go. Threads that run Java
 * never wait in an access to memory itself, as a fault's handler (userfaultfd) would have it: that would keep the JVM
 * from its safepoints. {@link jkvm.memory.MissingPages} is asked before, by devices and by the misses of the KVM in
 * Java's TLBs, so that memory that is there costs what it always did. The host's KVM has no such place to ask.
 *
 * <p>What comes in is not trusted. A stream that is damaged, foreign or of another machine ends the machine that waits
 * for it, with one line and status 1.
 */
package jkvm.control.migrate;
