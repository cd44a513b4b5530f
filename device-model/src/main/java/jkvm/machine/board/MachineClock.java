package jkvm.machine.board;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/** A machine's clock, as the machine itself steers it. */
public interface MachineClock extends VmClock, AutoCloseable {

    /** Timers expire from now on. Once. */
    void start();

    /** Stops guest time. The workers are paused, so that no timer expires meanwhile. */
    void pause();

    /** Resumes guest time from where it stopped. */
    void resume();

    /** Writes the time. The clock is stopped. */
    void save(StateWriter out);

    /**
     * Continues from a saved time, which may be earlier than its own: devices arm their timers anew. The clock is
     * stopped.
     */
    void load(StateReader in);

    /**
     * Remembers when each timer is due.
     *
     * @return makes them due then again, once a state of this moment was loaded. The clock is stopped each time
     */
    Runnable keepTimers();

    /** Ends it: no timer expires on its own thread any more, and no thread waits for it. */
    @Override
    void close();
}
