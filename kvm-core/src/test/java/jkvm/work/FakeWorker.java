package jkvm.work;

/** A worker that works when the test says so. */
public final class FakeWorker implements Worker {
    private final Runnable work;
    private boolean woken;

    public FakeWorker(Runnable work) {
        this.work = work;
    }

    @Override
    public void wake() {
        woken = true;
    }

    public boolean isWoken() {
        return woken;
    }

    /** Works until nothing has woken it meanwhile. */
    public void runIfWoken() {
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
