package jkvm.machine;

import jkvm.work.VmClock;

/** A machine's clock, as the machine itself steers it. */
interface MachineClock extends VmClock, AutoCloseable {

    /** Timers expire from now on. Once. */
    void start();

    /** Stops guest time. */
    void pause();

    /** Ends it: no timer expires on a thread of its own any more, and nobody waits for it. */
    @Override
    void close();
}
