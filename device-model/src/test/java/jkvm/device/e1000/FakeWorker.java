package jkvm.device.e1000;

import jkvm.work.Worker;

/** A worker that works when the test says so. */
final class FakeWorker implements Worker {
    private final Runnable work;
    private boolean woken;

    FakeWorker(Runnable work) {
        this.work = work;
    }

    @Override
    public void wake() {
        woken = true;
    }

    boolean isWoken() {
        return woken;
    }

    void runIfWoken() {
        while (woken) {
            woken = false;
            work.run();
        }
    }

    @Override
    public void pause() {
        // The test's own thread runs the work.
    }

    @Override
    public void resume() {
        // The test's own thread runs the work.
    }

    @Override
    public void close() {
        woken = false;
    }
}
