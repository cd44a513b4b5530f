package jkvm.host.disk.qcow2;

import java.util.function.DoubleConsumer;

/** How much of several operations is done, of which only the current one's size is known: as QEMU counts it. */
final class AmendProgress {
    private final int operations;
    private final DoubleConsumer percent;
    private int done;
    private long doneWork;
    private long work;
    private long at;

    /** @param operations how many there will be */
    AmendProgress(int operations, DoubleConsumer percent) {
        this.operations = operations;
        this.percent = percent;
    }

    /** The next operation begins, and this is told. */
    void start(long steps) {
        begin(steps);
        tell();
    }

    /** The next operation begins. */
    void begin(long steps) {
        work = steps;
        at = 0;
    }

    /** One step of it is done. */
    void step() {
        at++;
        tell();
    }

    private void tell() {
        long current = doneWork + work;
        long all = current + current * (operations - done - 1) / (done + 1);
        percent.accept(100.0 * (doneWork + at) / Math.max(1, all));
    }

    /** The rest of the operation is done. */
    void end() {
        while (at < work) {
            step();
        }
        doneWork += work;
        done++;
    }
}
