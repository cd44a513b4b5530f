package jkvm.bench;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.InstructionClock;
import jkvm.work.Worker;
import jkvm.work.Workers;

/** Workers that work at once on the thread that wakes them. */
final class DirectWorkers implements Workers {

    @Override
    public Worker worker(String name, Runnable work) {
        return new Direct(work);
    }

    @Override
    public Worker waiting(String name, Runnable round, Runnable unblock) {
        throw new UnsupportedOperationException("nothing waits here");
    }

    @Override
    public InstructionClock clock() {
        return null;
    }

    @Override
    public void save(StateWriter out) {
        // They keep nothing.
    }

    @Override
    public void load(StateReader in) {
        // They keep nothing.
    }

    @Override
    public void pause() {
        // Only the caller's thread works.
    }

    @Override
    public void resume() {
        // Only the caller's thread works.
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    /** A round within a round comes after it. */
    private static final class Direct implements Worker {
        private final Runnable work;
        private boolean isWoken;
        private boolean isWorking;

        Direct(Runnable work) {
            this.work = work;
        }

        @Override
        public void wake() {
            isWoken = true;
            while (isWoken && !isWorking) {
                isWoken = false;
                isWorking = true;
                work.run();
                isWorking = false;
            }
        }

        @Override
        public void pause() {
            // Only the caller's thread works.
        }

        @Override
        public void resume() {
            // Only the caller's thread works.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
