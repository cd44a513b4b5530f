package jkvm.soft.irqchip;

/** A vCPU that counts what it is told. Its time stamp counter counts the timers' nanoseconds. */
final class FakeVcpu implements VcpuSignals {
    private final Timers timers;
    int attentions, nmis, inits, smis;
    int startupVector = -1;

    FakeVcpu(Timers timers) {
        this.timers = timers;
    }

    @Override
    public void attention() {
        attentions++;
    }

    @Override
    public void nmi() {
        nmis++;
    }

    @Override
    public void init() {
        inits++;
    }

    @Override
    public void startup(int vector) {
        startupVector = vector;
    }

    @Override
    public boolean smi() {
        smis++;
        return true;
    }

    @Override
    public long nanosAtTsc(long tsc) {
        return tsc < 0 ? Long.MAX_VALUE : tsc;
    }
}
