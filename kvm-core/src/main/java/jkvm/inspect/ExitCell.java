package jkvm.inspect;

/** The exits of one place. One thread records; others may read meanwhile. */
final class ExitCell {
    private final Key key;
    private final LatencyHistogram guest = new LatencyHistogram();
    private final LatencyHistogram handler = new LatencyHistogram();

    /** @param kind reason and direction, as {@link ExitStatistics} numbers them */
    record Key(int kind, long place, int size) {
    }

    ExitCell(Key key) {
        this.key = key;
    }

    ExitCell(int kind, long place, int size) {
        this(new Key(kind, place, size));
    }

    boolean is(int kind, long place, int size) {
        return key.place == place && key.kind == kind && key.size == size;
    }

    Key key() {
        return key;
    }

    void record(long guestNanos, long handlerNanos) {
        guest.record(guestNanos);
        handler.record(handlerNanos);
    }

    /** Takes over the exits of another one, which may be recording. */
    void add(ExitCell other) {
        guest.add(other.guest);
        handler.add(other.handler);
    }

    /** @param exit the name of what was added up here */
    ExitCost cost(String exit) {
        return new ExitCost(exit, handler.summary(), guest.summary(), handler.powers(), guest.powers());
    }

    /** @param exit the kind's name */
    ExitPlace place(String exit) {
        return new ExitPlace(exit, key.place, key.size, handler.summary(), guest.summary());
    }
}
